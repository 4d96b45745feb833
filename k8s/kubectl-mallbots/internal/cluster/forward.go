package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

const (
	// lastWords is how long to wait for the reason why a connection ended; it comes with the end or not at all.
	lastWords = time.Second
	// maxLastWords bounds that reason, in bytes: it is a line.
	maxLastWords = 4 << 10
)

// forward opens one connection to a port of a pod through the API server, as kubectl port-forward does for each connection, but without
// a port on this machine: over WebSocket, or over SPDY where the API server is older.
func forward(ctx context.Context, config *rest.Config, target *url.URL, port int) (net.Conn, error) {
	dialer, err := newDialer(config, target)
	if err != nil {
		return nil, err
	}
	type dialed struct {
		streams httpstream.Connection
		err     error
	}
	done := make(chan dialed, 1)
	go func() { // dialers know no context
		streams, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		done <- dialed{streams, err}
	}()
	select {
	case d := <-done:
		if d.err != nil {
			return nil, d.err
		}
		return connect(d.streams, port)
	case <-ctx.Done():
		go func() {
			if late := <-done; late.err == nil {
				_ = late.streams.Close() // nobody waits for it any more
			}
		}()
		return nil, ctx.Err()
	}
}

func newDialer(config *rest.Config, target *url.URL) (httpstream.Dialer, error) {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	webSocket, err := portforward.NewSPDYOverWebsocketDialer(target, config)
	if err != nil {
		return nil, err
	}
	old := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, target)
	return portforward.NewFallbackDialer(webSocket, old, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}

// connect makes a connection of the two streams that the protocol wants: one for the data, one for what goes wrong.
func connect(streams httpstream.Connection, port int) (net.Conn, error) {
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	trouble, err := streams.CreateStream(headers)
	if err == nil {
		err = trouble.Close() // nothing is written to it
	}
	if err != nil {
		return nil, errors.Join(err, streams.Close())
	}
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := streams.CreateStream(headers)
	if err != nil {
		return nil, errors.Join(err, streams.Close())
	}
	near, far := net.Pipe()
	c := &forwarded{Conn: near, port: port}
	go c.carry(streams, far, data, trouble)
	return c, nil
}

// forwarded is the near end of a connection to a pod. It is a pipe, so that deadlines work, which streams don't have.
type forwarded struct {
	net.Conn
	port int

	mu     sync.Mutex
	reason error // why the pod's end is closed, if it said so
}

// carry copies both ways until one end is closed.
func (c *forwarded) carry(streams httpstream.Connection, far net.Conn, data, trouble httpstream.Stream) {
	told := make(chan struct{})
	go func() {
		defer close(told)
		words, _ := io.ReadAll(io.LimitReader(trouble, maxLastWords)) // what was said before the end counts
		if len(words) > 0 {
			c.fail(fmt.Errorf("port %d of the pod: %s", c.port, strings.TrimSpace(string(words))))
			_ = data.Reset() // no data will come
		}
	}()
	ended := make(chan struct{}, 2)
	go func() {
		_, _ = io.Copy(data, far) // why it ended is in reason, if anybody knows
		ended <- struct{}{}
	}()
	go func() {
		_, _ = io.Copy(far, data)
		ended <- struct{}{}
	}()
	<-ended
	_ = data.Reset()
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
	_ = far.Close()
	_ = streams.Close()
}

func (c *forwarded) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reason = err
}

// Read implements net.Conn.
func (c *forwarded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.because(err)
}

// Write implements net.Conn.
func (c *forwarded) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.because(err)
}

// because gives the pod's reason in place of an end without one.
func (c *forwarded) because(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return c.reason
	}
	return err
}
