// Package webhook is a carrier at the other end of HTTP: each message is a signed POST. What it expects of the receiver is in the README
// of notifications.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mallbots.example/pkg/clock"
	"mallbots.example/services/notifications/internal/app"
)

const (
	// idleConnections are kept for the next batch for as long; most servers close theirs after a minute or two.
	idleConnections = 90 * time.Second
	// maxHeader bounds the header of an answer, in bytes. Nothing of it is of interest but Retry-After.
	maxHeader = 16 << 10
)

// Config is where messages go.
type Config struct {
	URL     string
	Keys    [][]byte // the newest first
	Timeout time.Duration
	Clock   clock.Clock
}

// Sender implements app.Sender.
type Sender struct {
	config Config
	client *http.Client
}

// NewSender sends to config.URL.
func NewSender(config Config) *Sender {
	dialer := &net.Dialer{Timeout: config.Timeout} // a connection in the making outlives the request that wanted it
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    config.Timeout,
		MaxIdleConnsPerHost:    app.SideBySide,
		MaxConnsPerHost:        app.SideBySide,
		IdleConnTimeout:        idleConnections,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
	}
	return &Sender{config: config, client: &http.Client{
		Transport: transport,
		// A redirect would take the customer's number to a place that nobody has configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of the connections that are idle.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// payload is the body of a request. Receivers rely on its names: none is ever changed or taken away.
type payload struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	OrderID    string    `json:"order_id"`
	CustomerID string    `json:"customer_id"`
	To         string    `json:"to"`
	Text       string    `json:"text"`
	CreateTime time.Time `json:"create_time"`
}

// Send implements app.Sender.
func (s *Sender) Send(ctx context.Context, sms app.Sms) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	req, err := s.request(ctx, sms)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return s.unanswered(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	words := read(resp.Body, cancel)
	return verdict(resp, words, sms.To, s.config.Clock.Now())
}

func (s *Sender) request(ctx context.Context, sms app.Sms) (*http.Request, error) {
	body, err := json.Marshal(payload{
		ID: sms.ID, Kind: string(sms.Kind), OrderID: sms.OrderID, CustomerID: sms.CustomerID, To: sms.To, Text: sms.Text,
		CreateTime: sms.CreateTime.UTC(),
	})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, withoutURL(err)
	}
	timestamp := strconv.FormatInt(s.config.Clock.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "mallbots-notifications")
	// This one also tells Go's transport that it may repeat the request where an idle connection turns out to be dead.
	req.Header.Set("Idempotency-Key", sms.ID)
	req.Header.Set("Webhook-Id", sms.ID)
	req.Header.Set("Webhook-Timestamp", timestamp)
	req.Header.Set("Webhook-Signature", sign(s.config.Keys, sms.ID, timestamp, body))
	return req, nil
}

// unanswered says why no answer came.
func (s *Sender) unanswered(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("the webhook did not answer within %s: %w", s.config.Timeout, context.DeadlineExceeded)
	}
	return fmt.Errorf("the webhook can't be reached: %w", withoutURL(err))
}

// withoutURL takes the URL out of an error of package http: tokens stand in some, and errors are stored and logged.
func withoutURL(err error) error {
	var shown *url.Error
	if errors.As(err, &shown) {
		return shown.Err
	}
	return err
}
