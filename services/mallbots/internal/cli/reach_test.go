package cli

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/certs/certstest"
)

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// Its services call each other, bots work and the stores are opened; the limit would stop them if it were for them too.
func TestAMallWithCertificatesTokensAndLimits(t *testing.T) {
	dir := certstest.NewCA(t).Dir()
	addr, stop := openMall(t, "", "Opened 3 stores", "MALLBOTS_TLS_DIR="+dir, "MALLBOTS_RATE_LIMIT=100", fmt.Sprintf(
		"MALLBOTS_API_TOKENS=kiosk customer %x\ncounter staff %x", sha256.Sum256([]byte("one")), sha256.Sum256([]byte("two"))))
	demo := func(flags ...string) (string, error) {
		return execute(t.Context(), nil, append([]string{"demo", "--target", addr}, flags...)...)
	}
	ca := filepath.Join(dir, "ca.crt")
	out, err := demo("--ca", ca, "--token-file", file(t, "two\n"))
	require.NoError(t, err, out)
	require.Contains(t, out, "the order is completed")

	_, err = demo("--ca", ca, "--token-file", file(t, "one"))
	require.ErrorContains(t, err, "needs the role staff, the token has customer")
	_, err = demo("--ca", ca)
	require.ErrorContains(t, err, "send a token")
	_, err = demo("--ca", file(t, string(certstest.NewCA(t).PEM)), "--token-file", file(t, "two"))
	require.ErrorContains(t, err, "signed by unknown authority")
	_, err = demo()
	require.ErrorContains(t, err, "give --ca")
	require.Contains(t, stop(), "https://")
}

// Without certificates it could not tell its own calls from those of others.
func TestAMallWithTokensAndWithoutCertificatesDoesNotOpen(t *testing.T) {
	for _, setting := range []string{"MALLBOTS_RATE_LIMIT=1", fmt.Sprintf("MALLBOTS_API_TOKENS=kiosk customer %x", sha256.Sum256([]byte("one")))} {
		_, err := execute(t.Context(), []string{setting, "MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_HTTP_ADDR=127.0.0.1:0"})
		require.ErrorContains(t, err, "need MALLBOTS_TLS_DIR")
	}
}

func TestFilesOfFlagsThatCannotBeReadAreNamed(t *testing.T) {
	for says, flags := range map[string][]string{
		"--ca: open /nosuch":              {"--ca", "/nosuch"},
		"has no certificate in PEM":       {"--ca", file(t, "hello")},
		"--token-file: open /nosuch":      {"--token-file", "/nosuch"},
		"--token-file: the file is empty": {"--token-file", file(t, "\n")},
	} {
		_, err := execute(t.Context(), nil, append([]string{"demo"}, flags...)...)
		require.ErrorContains(t, err, says)
	}
}
