package gateway_test

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway"
)

func TestThePageToTryTheAPIOnLoadsNothingFromElsewhere(t *testing.T) {
	e := start(t, nil)
	resp, page := e.call(http.MethodGet, "/", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Type"), "text/html")
	policy := resp.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self';")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, page, "http", "no address of another server")
	loads := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	require.GreaterOrEqual(t, len(loads), 4)
	for _, load := range loads {
		if strings.HasPrefix(load[1], "data:") {
			continue
		}
		resp, content := e.call(http.MethodGet, "/"+load[1], "") // the client asks for gzip, and undoes it
		require.Equal(t, http.StatusOK, resp.StatusCode, load[1])
		require.NotEmpty(t, content)
	}
}

func TestPagesComeCompressedOrPlainAndOnlyWhenTheyChanged(t *testing.T) {
	e := start(t, nil)
	const script = "/ui/swagger-ui-bundle.js"
	compressed, short := e.call(http.MethodGet, script, "", "Accept-Encoding", "gzip")
	require.Equal(t, "gzip", compressed.Header.Get("Content-Encoding"))
	plain, long := e.call(http.MethodGet, script, "", "Accept-Encoding", "identity")
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	require.Greater(t, len(long), 3*len(short))
	require.Contains(t, long, "SwaggerUIBundle")
	require.NotEqual(t, compressed.Header.Get("Etag"), plain.Header.Get("Etag"))

	resp, again := e.call(http.MethodGet, script, "", "Accept-Encoding", "gzip", "If-None-Match", compressed.Header.Get("Etag"))
	require.Equal(t, http.StatusNotModified, resp.StatusCode)
	require.Empty(t, again)
	resp, nothing := e.call(http.MethodHead, "/openapi.json", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, nothing)
	_, license := e.call(http.MethodGet, "/ui/LICENSE", "")
	require.Contains(t, license, "Apache License")
}

func TestAnAddressForJSONThatIsInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for addr, says := range map[string]string{
		taken.Addr().String(): "gateway: MALLBOTS_HTTP_ADDR: listen tcp " + taken.Addr().String(),
		"8080":                "gateway: MALLBOTS_HTTP_ADDR must be host:port",
	} {
		err := service.Start(t.Context(), gateway.Service(), []string{
			"MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_HTTP_ADDR=" + addr, "MALLBOTS_LOG_LEVEL=error",
		})
		require.ErrorContains(t, err, says)
	}
}

// A client that keeps its connection and sends nothing holds nothing up.
func TestAnIdleConnectionDoesNotHoldTheStopUp(t *testing.T) {
	e := start(t, nil)
	conn, err := net.Dial("tcp", e.http)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /openapi.json HTTP/1.1\r\nHost: mall\r\n\r\n")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 1000))
	require.NoError(t, err)
	e.stop()
	_, err = io.Copy(io.Discard, conn)
	require.NoError(t, err, "the rest of the answer, and the end")
}
