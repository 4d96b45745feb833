package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"google.golang.org/grpc/status"
)

const (
	// headerPatience and bodyPatience bound how long a client may take to say what it wants; 4 MiB in 10 s is 3 Mbit/s.
	headerPatience = 5 * time.Second
	bodyPatience   = 10 * time.Second
	// writePatience is how long a client may read nothing before its connection is cut. The time between two messages of a stream does not
	// count.
	writePatience = 30 * time.Second
	// idlePatience keeps a client's connection for its next request.
	idlePatience = 2 * time.Minute
)

// exchange is a request on its way, and what becomes of it.
type exchange struct {
	http.ResponseWriter
	control *http.ResponseController

	route    *route // nil until it is known, and for pages
	page     string // the path of a page
	status   int    // 0 until it is written
	closed   bool   // the answer is complete, whatever else is written
	tooLarge bool
	told     *status.Status // what the client was told, if it was refused
	cause    error          // why, for the log
}

type exchangeKey struct{}

// newExchange wraps a request and its answer.
func newExchange(w http.ResponseWriter, r *http.Request, maxBody int64) (*exchange, *http.Request) {
	x := &exchange{ResponseWriter: w, control: http.NewResponseController(w)}
	x.extend()
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &body{ReadCloser: http.MaxBytesReader(w, r.Body, maxBody), x: x}
	}
	return x, r
}

// exchangeOf is the exchange that ctx is of.
func exchangeOf(ctx context.Context) *exchange {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return &exchange{}
	}
	return x
}

// extend gives the client new time to read. Deadlines hold for the connection, and so for what the server itself writes before and after.
func (x *exchange) extend() { _ = x.control.SetWriteDeadline(time.Now().Add(writePatience)) }

// recovered makes an answer of a panic, or of none. It reports whether the client has had the beginning of another answer.
func (x *exchange) recovered(value any) (broken bool) {
	switch {
	case value != nil:
		x.cause = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		broken = x.status != 0
		if !broken {
			errPanic.write(x)
		}
		x.told = errPanic.status
	case x.status == 0: // nothing to say, such as a stream without a message
		x.status = http.StatusOK
	}
	return broken
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.closed {
		return
	}
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(p []byte) (int, error) {
	if x.closed {
		return len(p), nil
	}
	if x.status == 0 {
		x.status = http.StatusOK
	}
	x.extend()
	return x.ResponseWriter.Write(p)
}

// body is a request's, of bounded size, read in bounded time.
type body struct {
	io.ReadCloser
	x     *exchange
	begun bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		_ = b.x.control.SetReadDeadline(time.Now().Add(bodyPatience))
	}
	n, err := b.ReadCloser.Read(p)
	if err == nil {
		return n, nil
	}
	_ = b.x.control.SetReadDeadline(time.Time{}) // from now on, reading only tells whether the client is still there
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		b.x.tooLarge = true
	}
	return n, err
}
