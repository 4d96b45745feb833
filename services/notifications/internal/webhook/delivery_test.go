package webhook_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
	notificationstore "mallbots.example/services/notifications/internal/store"
	"mallbots.example/services/notifications/internal/webhook/webhooktest"
)

// The use cases with a webhook for a carrier: what one expects of the other is in neither's own tests.

// everyone is known.
type everyone struct{}

// Find implements app.People.
func (everyone) Find(_ context.Context, _ *store.Tx, id string) (people.Person, bool, error) {
	return people.Person{ID: id, SmsNumber: "+4915112345678"}, true, nil
}

type world struct {
	*app.App
	*webhooktest.Receiver
	t       *testing.T
	clock   *clock.Manual
	metrics *prometheus.Registry
}

func newWorld(t *testing.T, timeout time.Duration) world {
	w := world{Receiver: webhooktest.Start(t), t: t, clock: clock.NewManual(monday), metrics: prometheus.NewRegistry()}
	w.App = app.New(app.Config{
		DB: storetest.Open(t, notificationstore.Schema, people.Schema), Notifications: notificationstore.Notifications{}, People: everyone{},
		Sender: senderAt(t, w.clock, w.URL, timeout, webhooktest.Secret), Clock: w.clock, IDs: id.UUIDv7, Log: slog.New(slog.DiscardHandler),
		Metrics: w.metrics,
	})
	return w
}

func (w world) notify(orderID string) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return w.NotifyCustomer(ctx, tx, domain.OrderReady, domain.Order{ID: orderID, CustomerID: "ada"})
	}))
}

// sendDue sends what is due and requires how many that were.
func (w world) sendDue(want int) {
	w.t.Helper()
	taken, err := w.SendDue(w.t.Context())
	require.NoError(w.t, err)
	require.Equal(w.t, want, taken)
}

func (w world) of(orderID string) domain.State {
	w.t.Helper()
	all, err := w.ListNotifications(w.t.Context(), app.Filter{OrderID: orderID}, "", 10)
	require.NoError(w.t, err)
	require.Len(w.t, all, 1)
	return all[0].State()
}

// attempts requires the counts of metrics; those of other kinds are 0, and there from the start.
func (w world) attempts(sent, retried, failed float64) {
	w.t.Helper()
	want := map[string]float64{}
	for _, kind := range domain.Kinds() {
		for _, result := range []string{"sent", "retried", "failed"} {
			want[string(kind)+" "+result] = 0
		}
	}
	want["order_ready sent"], want["order_ready retried"], want["order_ready failed"] = sent, retried, failed
	families, err := w.metrics.Gather()
	require.NoError(w.t, err)
	got := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "notifications_sent_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue() // labels come sorted: kind, result
		}
	}
	require.Equal(w.t, want, got)
}

func TestWhatIsRetriedUntilItIsTakenIsDeliveredOnceUnderOneKey(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(func(rw http.ResponseWriter, _ *http.Request, _ webhooktest.Request, n int) {
		rw.WriteHeader([]int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusOK}[n-1])
	})
	w.attempts(0, 0, 0)
	w.notify("order")
	w.notify("order") // its event came again
	for attempt := int32(1); attempt <= 3; attempt++ {
		w.sendDue(1)
		w.notify("order")
		w.clock.Advance(domain.Pause(attempt))
	}
	w.sendDue(0)
	require.Equal(t, domain.Sent, w.of("order").Status)
	require.EqualValues(t, 3, w.of("order").Attempts)
	w.attempts(1, 2, 0)
	requests := w.Requests()
	require.Len(t, requests, 3)
	for i, got := range requests {
		require.Equal(t, requests[0].ID, got.Header.Get("Idempotency-Key"))
		require.Equal(t, requests[0].ID, got.Header.Get("webhook-id"))
		if i > 0 {
			require.NotEqual(t, requests[i-1].Header.Get("webhook-timestamp"), got.Header.Get("webhook-timestamp"), "it is that of the attempt")
		}
	}
}

func TestAnAnswerThatWasLostIsAskedForAgainUnderTheSameKey(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(func(_ http.ResponseWriter, _ *http.Request, _ webhooktest.Request, n int) {
		if n == 1 {
			panic(http.ErrAbortHandler) // it has the message, and nobody hears of it
		}
	})
	w.notify("order")
	w.sendDue(1)
	w.clock.Advance(domain.Pause(1))
	w.sendDue(1)
	require.Equal(t, domain.Sent, w.of("order").Status)
	require.Equal(t, w.Requests()[0].ID, w.Requests()[1].ID)
}

func TestARefusalIsFinalAndSaysWhy(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(func(rw http.ResponseWriter, _ *http.Request, _ webhooktest.Request, _ int) {
		http.Error(rw, "not a mobile number", http.StatusUnprocessableEntity)
	})
	w.notify("order")
	w.sendDue(1)
	w.clock.Advance(48 * time.Hour)
	w.sendDue(0)
	require.Equal(t, domain.Failed, w.of("order").Status)
	require.EqualValues(t, 1, w.of("order").Attempts)
	require.Contains(t, w.of("order").Failure, "422 Unprocessable Entity: not a mobile number")
	w.attempts(0, 0, 1)
}

func TestAReceiverIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(func(rw http.ResponseWriter, _ *http.Request, _ webhooktest.Request, n int) {
		if n == 1 {
			rw.Header().Set("Retry-After", "120")
			rw.WriteHeader(http.StatusTooManyRequests)
		}
	})
	w.notify("order")
	w.sendDue(1)
	w.clock.Advance(2*time.Minute - time.Microsecond)
	w.sendDue(0)
	w.clock.Advance(time.Microsecond)
	w.sendDue(1)
	require.Equal(t, domain.Sent, w.of("order").Status)
}

func TestAWebhookThatIsDownForHoursLosesNothing(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(webhooktest.Status(http.StatusBadGateway))
	w.notify("order")
	for down := monday.Add(20 * time.Hour); w.clock.Now().Before(down); {
		w.sendDue(1)
		w.clock.Advance(w.of("order").DueAt.Sub(w.clock.Now()))
	}
	require.Equal(t, domain.Queued, w.of("order").Status)
	w.Answer(webhooktest.Status(http.StatusOK))
	w.sendDue(1)
	require.Equal(t, domain.Sent, w.of("order").Status)
}

// The statement is the README's, in the words of both databases.
func TestWhatAnOperatorQueuesAgainIsSentUnderItsOldKey(t *testing.T) {
	w := newWorld(t, patient)
	w.Answer(webhooktest.Status(http.StatusForbidden))
	w.notify("order")
	w.sendDue(1)
	require.Equal(t, domain.Failed, w.of("order").Status)
	w.Answer(webhooktest.Status(http.StatusOK))
	require.NoError(t, w.DB.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE notifications SET status = 'queued', attempts = 0, due_at = $1, updated_at = $1, version = version + 1
			WHERE status = 'failed' AND sms_number <> ''`, w.clock.Now())
		return nil
	}))
	w.sendDue(1)
	require.Equal(t, domain.Sent, w.of("order").Status)
	require.Empty(t, w.of("order").Failure)
	require.Equal(t, w.Requests()[0].ID, w.Requests()[1].ID)
}

func TestMessagesThatHangDoNotStopTheOthers(t *testing.T) {
	w := newWorld(t, 50*time.Millisecond)
	w.Answer(func(_ http.ResponseWriter, r *http.Request, got webhooktest.Request, _ int) {
		if strings.HasPrefix(got.OrderID, "stuck") {
			w.Hang(r)
		}
	})
	const stuck = 3 * app.SideBySide
	for i := range stuck {
		w.notify(fmt.Sprint("stuck", i))
	}
	w.notify("good")
	w.sendDue(stuck + 1) // one batch: the good one waits for its turn, and no longer
	require.Equal(t, domain.Sent, w.of("good").Status)
	require.Equal(t, domain.Queued, w.of("stuck0").Status)
	require.Contains(t, w.of("stuck0").Failure, "did not answer within 50ms")

	w.notify("another good")
	w.sendDue(1) // those that hang are put off, and not in its way
	require.Equal(t, domain.Sent, w.of("another good").Status)
}
