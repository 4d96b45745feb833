package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/sendertest"
	"mallbots.example/services/notifications/internal/webhook"
	"mallbots.example/services/notifications/internal/webhook/webhooktest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// sender posts to url, signed with these secrets.
func sender(t *testing.T, url string, timeout time.Duration, secrets ...string) *webhook.Sender {
	t.Helper()
	return senderAt(t, clock.NewManual(monday), url, timeout, secrets...)
}

func senderAt(t *testing.T, now clock.Clock, url string, timeout time.Duration, secrets ...string) *webhook.Sender {
	t.Helper()
	keys, err := webhook.Secrets(strings.Join(secrets, ",")).Keys()
	require.NoError(t, err)
	s := webhook.NewSender(webhook.Config{URL: url, Keys: keys, Timeout: timeout, Clock: now})
	t.Cleanup(s.Close)
	return s
}

// patient is a timeout that no test reaches.
const patient = 20 * time.Second

func TestAWebhookIsASender(t *testing.T) {
	sendertest.Run(t, func(t *testing.T, _ *slog.Logger) sendertest.Carrier {
		r := webhooktest.Start(t)
		return sendertest.Carrier{
			Sender: sender(t, r.URL, patient, webhooktest.Secret),
			Taken: func() (taken []app.Sms) {
				for _, got := range r.Requests() {
					taken = append(taken, app.Sms{ID: got.ID, Text: got.Text})
				}
				return taken
			},
			Down: r.Close,
		}
	})
}

func TestWhatIsPosted(t *testing.T) {
	r := webhooktest.Start(t)
	require.NoError(t, sender(t, r.URL+"/messages?tenant=mall", patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(7)))
	got := r.Requests()[0]
	require.JSONEq(t, `{"id": "0193570a-0000-7000-8000-000000000007", "kind": "order_ready", "order_id": "order", "customer_id": "ada",
		"to": "+4915112345678", "text": "Your order 7 is ready.", "create_time": "2026-11-23T09:00:00Z"}`, string(got.Body))
	for name, want := range map[string]string{
		"Content-Type":      "application/json",
		"Idempotency-Key":   "0193570a-0000-7000-8000-000000000007",
		"webhook-id":        "0193570a-0000-7000-8000-000000000007",
		"webhook-timestamp": "1795424400",
	} {
		require.Equal(t, want, got.Header.Get(name), name)
	}
	require.NoError(t, webhooktest.Verify(webhooktest.Secret, got.Header, got.Body))
	require.Error(t, webhooktest.Verify(webhooktest.Secret, got.Header, append(got.Body, ' ')), "another body")
	require.Error(t, webhooktest.Verify(webhooktest.OldSecret, got.Header, got.Body), "another secret")
	got.Header.Set("webhook-timestamp", "1795424401")
	require.Error(t, webhooktest.Verify(webhooktest.Secret, got.Header, got.Body), "another time")
}

func TestTheRequestInTheReadmeIsOne(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	r := webhooktest.Start(t)
	require.NoError(t, sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(7)))
	got := r.Requests()[0]
	for _, line := range []string{webhooktest.Secret, "webhook-signature: " + got.Header.Get("webhook-signature"), string(got.Body)} {
		require.Contains(t, string(readme), line)
	}
}

func TestWhileASecretIsReplacedReceiversMayHaveEither(t *testing.T) {
	r := webhooktest.Start(t)
	require.ErrorContains(t, sender(t, r.URL, patient, webhooktest.OldSecret).Send(t.Context(), sendertest.Message(1)), "401")
	require.NoError(t, sender(t, r.URL, patient, webhooktest.OldSecret, webhooktest.Secret).Send(t.Context(), sendertest.Message(1)))
	got := r.Requests()[0]
	require.NoError(t, webhooktest.Verify(webhooktest.OldSecret, got.Header, got.Body))
	require.NoError(t, webhooktest.Verify(webhooktest.Secret, got.Header, got.Body))
}

func TestTheReasonOfARefusalIsKept(t *testing.T) {
	r := webhooktest.Start(t)
	r.Answer(func(w http.ResponseWriter, _ *http.Request, _ webhooktest.Request, _ int) {
		http.Error(w, "+4915112345678 is not a mobile number", http.StatusUnprocessableEntity)
	})
	err := sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
	require.ErrorIs(t, err, app.ErrUndeliverable)
	require.EqualError(t, err, "the webhook answered 422 Unprocessable Entity: +… is not a mobile number: the message can't be delivered")
}

func TestAnAnswerThatDoesNotComeIsNotWaitedForLong(t *testing.T) {
	r := webhooktest.Start(t)
	r.Answer(func(_ http.ResponseWriter, req *http.Request, _ webhooktest.Request, _ int) { r.Hang(req) })
	err := sender(t, r.URL, 50*time.Millisecond, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, app.ErrUndeliverable)
	require.ErrorContains(t, err, "the webhook did not answer within 50ms")
}

func TestTheStatusCountsThoughTheBodyIsSlow(t *testing.T) {
	for status, want := range map[int]error{http.StatusOK: nil, http.StatusNotFound: app.ErrUndeliverable} {
		r := webhooktest.Start(t)
		r.Answer(func(w http.ResponseWriter, req *http.Request, _ webhooktest.Request, _ int) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "well, ")
			_ = http.NewResponseController(w).Flush()
			r.Hang(req)
		})
		began := time.Now()
		err := sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
		require.ErrorIs(t, err, want)
		require.Less(t, time.Since(began), patient/2)
	}
}

func TestABodyWithoutEndIsNotReadToItsEnd(t *testing.T) {
	r := webhooktest.Start(t)
	written := make(chan int, 1)
	r.Answer(func(w http.ResponseWriter, req *http.Request, _ webhooktest.Request, _ int) {
		w.WriteHeader(http.StatusInternalServerError)
		total := 0
		for chunk := strings.Repeat("sorry ", 10_000); req.Context().Err() == nil; {
			n, err := io.WriteString(w, chunk)
			if total += n; err != nil {
				break
			}
		}
		written <- total
	})
	err := sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
	require.ErrorContains(t, err, "500 Internal Server Error: sorry sorry")
	require.Less(t, len(err.Error()), 300)
	require.Less(t, <-written, 64<<20, "what the network holds, and no more")
}

func TestARedirectIsNotFollowed(t *testing.T) {
	other := webhooktest.Start(t)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		r := webhooktest.Start(t)
		r.Answer(func(w http.ResponseWriter, req *http.Request, _ webhooktest.Request, _ int) {
			http.Redirect(w, req, other.URL, status)
		})
		err := sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
		require.ErrorContains(t, err, http.StatusText(status))
		require.NotErrorIs(t, err, app.ErrUndeliverable)
	}
	require.Empty(t, other.Requests())
}

func TestAConnectionIsUsedAgainAndThereAreNotMany(t *testing.T) {
	var connections, now, most atomic.Int32
	release := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		<-release
		now.Add(-1)
		http.Error(w, "busy", http.StatusServiceUnavailable)
	}))
	full := make(chan struct{})
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew && connections.Add(1) == app.SideBySide {
			close(full)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	s := sender(t, server.URL, patient, webhooktest.Secret)
	var sending sync.WaitGroup
	for i := range 5 * app.SideBySide {
		sending.Go(func() {
			if err := s.Send(t.Context(), sendertest.Message(i)); err == nil {
				t.Error("it was taken")
			}
		})
	}
	<-full
	close(release)
	sending.Wait()
	for i := range app.SideBySide {
		require.ErrorContains(t, s.Send(t.Context(), sendertest.Message(i)), "503")
	}
	require.EqualValues(t, app.SideBySide, connections.Load(), "those of the first requests are used again, whatever the answer")
	require.LessOrEqual(t, most.Load(), int32(app.SideBySide))
}

func TestAConnectionThatBreaksIsNoReasonToGiveUp(t *testing.T) {
	r := webhooktest.Start(t)
	r.Answer(func(http.ResponseWriter, *http.Request, webhooktest.Request, int) { panic(http.ErrAbortHandler) })
	err := sender(t, r.URL, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
	require.ErrorContains(t, err, "the webhook can't be reached")
	require.NotErrorIs(t, err, app.ErrUndeliverable)
}

func TestNothingSecretIsInAnError(t *testing.T) {
	r := webhooktest.Start(t)
	address := strings.TrimPrefix(r.URL, "http://")
	r.Close()
	for _, url := range []string{"http://mall:hunter2@" + address, r.URL + "/hunter2", r.URL + "?token=hunter2", "http://%zz/hunter2"} {
		err := sender(t, url, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
		require.NotContains(t, err.Error(), webhooktest.Secret)
	}
}

func TestAUserInTheURLIsSentAsBasicAuthentication(t *testing.T) {
	r := webhooktest.Start(t)
	url := strings.Replace(r.URL, "http://", "http://mall:hunter2@", 1)
	require.NoError(t, sender(t, url, patient, webhooktest.Secret).Send(t.Context(), sendertest.Message(1)))
	require.Equal(t, "Basic bWFsbDpodW50ZXIy", r.Requests()[0].Header.Get("Authorization"))
}

func TestTheBodyIsTheSameAtEachAttempt(t *testing.T) {
	r := webhooktest.Start(t)
	s := sender(t, r.URL, patient, webhooktest.Secret)
	for range 2 {
		require.NoError(t, s.Send(t.Context(), sendertest.Message(1)))
	}
	require.Equal(t, string(r.Requests()[0].Body), string(r.Requests()[1].Body))
	require.True(t, json.Valid(r.Requests()[0].Body))
}
