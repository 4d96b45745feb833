// Package webhooktest is the other end of a webhook, for tests: it checks signatures by the recipe in the README of notifications, with
// none of the sender's code.
package webhooktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Secret and OldSecret are two to sign with.
const (
	Secret    = "whsec_TWFsbEJvdHMgbmVlZHMgYSBzZWNyZXQgdGhpcyBsb25n"
	OldSecret = "whsec_TWFsbEJvdHMgaGFkIGFub3RoZXIgb25lIGJlZm9yZS4u"
)

// Message is the body of a request.
type Message struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	OrderID    string    `json:"order_id"`
	CustomerID string    `json:"customer_id"`
	To         string    `json:"to"`
	Text       string    `json:"text"`
	CreateTime time.Time `json:"create_time"`
}

// Request is one that came.
type Request struct {
	Message

	Header http.Header
	Body   []byte
}

// Answer answers a request; n counts those with the same key, from 1.
type Answer func(w http.ResponseWriter, r *http.Request, got Request, n int)

// Status answers with a status alone.
func Status(code int) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Request, _ int) { w.WriteHeader(code) }
}

// Receiver is an HTTP server that records what comes.
type Receiver struct {
	*httptest.Server

	mu       sync.Mutex
	requests []Request
	seen     map[string]int // by key
	answer   Answer
	free     chan struct{} // closed when those that hang may go
}

// Start runs a receiver until the test ends. It refuses what Secret has not signed, and takes everything else.
func Start(t testing.TB) *Receiver {
	r := &Receiver{seen: map[string]int{}, answer: Status(http.StatusNoContent), free: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() {
		r.Unhang()
		r.Close()
	})
	return r
}

// Answer says what to answer from now on.
func (r *Receiver) Answer(answer Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// Hang keeps a request waiting until its client has gone or it is freed by Unhang.
func (r *Receiver) Hang(req *http.Request) {
	r.mu.Lock()
	free := r.free
	r.mu.Unlock()
	select {
	case <-req.Context().Done():
	case <-free:
	}
}

// Unhang frees the requests that hang. The test's end does so too.
func (r *Receiver) Unhang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.free)
	r.free = make(chan struct{})
}

// Reset forgets what came, and takes everything again.
func (r *Receiver) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.seen, r.answer = nil, map[string]int{}, Status(http.StatusNoContent)
}

// Requests are those that came so far.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Await waits until n requests have come, or for some seconds.
func (r *Receiver) Await(t testing.TB, n int) []Request {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.After(20 * time.Second); ; {
		if requests := r.Requests(); len(requests) >= n {
			return requests
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("%d requests came, not %d", len(r.Requests()), n)
		}
	}
}

func (r *Receiver) serve(w http.ResponseWriter, req *http.Request) {
	got := Request{Header: req.Header}
	var err error
	if got.Body, err = io.ReadAll(req.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := Verify(Secret, req.Header, got.Body); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if err := json.Unmarshal(got.Body, &got.Message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	key := req.Header.Get("Idempotency-Key")
	r.seen[key]++
	n := r.seen[key]
	r.requests = append(r.requests, got)
	answer := r.answer
	r.mu.Unlock()
	answer(w, req, got, n)
}

// Verify checks a signature by the documented recipe, but for the age of the timestamp: the clocks of tests stand still.
func Verify(secret string, header http.Header, body []byte) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	if _, err := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("webhook-id") + "." + header.Get("webhook-timestamp") + "."))
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for signature := range strings.FieldsSeq(header.Get("webhook-signature")) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature is right")
}
