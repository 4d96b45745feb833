package notifications_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/notifications/internal/webhook/webhooktest"
)

func (w world) retry(id string) (*notificationsv1.Notification, error) {
	resp, err := w.api.RetryNotification(w.t.Context(), &notificationsv1.RetryNotificationRequest{Id: id})
	return resp.GetNotification(), err
}

func TestWhatHasFailedIsSentWhenSomebodyAsksForIt(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		r.Answer(webhooktest.Status(http.StatusBadRequest))
		ada := w.customer()
		o := order(ada.GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		n := w.ended(o.GetId(), 1)[received]
		require.Equal(t, failed, n.GetStatus())

		ada.SmsNumber, ada.Version = "+12025550123", 2
		w.Event(topics.CustomersEvents, ada.GetId(), &customersv1.CustomerSmsNumberChanged{Customer: ada})
		r.Answer(webhooktest.Status(http.StatusNoContent))
		queuedAgain, err := w.retry(n.GetId())
		require.NoError(t, err)
		require.Equal(t, queued, queuedAgain.GetStatus())
		require.Equal(t, n.GetVersion()+1, queuedAgain.GetVersion())
		require.Zero(t, queuedAgain.GetAttempts())
		require.Equal(t, "+12025550123", queuedAgain.GetSmsNumber(), "the number of today")

		told := w.ended(o.GetId(), 1)[received]
		require.Equal(t, sent, told.GetStatus())
		requests := r.Await(t, 2)
		require.Equal(t, requests[0].ID, requests[1].ID, "who has it after all knows it again")
		require.Equal(t, "+12025550123", requests[1].To)
	})
}

func TestWhatFailsAgainCanBeRetriedAgain(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		r.Answer(webhooktest.Status(http.StatusBadRequest))
		o := order(w.customer().GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		n := w.ended(o.GetId(), 1)[received]
		for range 2 {
			_, err := w.retry(n.GetId())
			require.NoError(t, err)
			require.Equal(t, failed, w.ended(o.GetId(), 1)[received].GetStatus())
		}
		require.Len(t, r.Requests(), 3)
	})
}

func TestARetryWithARequestIDIsDoneOnce(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		r.Answer(webhooktest.Status(http.StatusBadRequest))
		o := order(w.customer().GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		n := w.ended(o.GetId(), 1)[received]
		req := &notificationsv1.RetryNotificationRequest{Id: n.GetId(), RequestId: proto.String(id.UUIDv7())}
		first, err := w.api.RetryNotification(t.Context(), req)
		require.NoError(t, err)
		w.ended(o.GetId(), 1)
		again, err := w.api.RetryNotification(t.Context(), req)
		require.NoError(t, err)
		require.True(t, proto.Equal(first, again))
		require.Len(t, r.Requests(), 2, "tried once more, not twice")
	})
}

func TestWhatHasNotFailedIsNotRetried(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		o := order(w.customer().GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		before := w.ended(o.GetId(), 1)[received]
		_, err := w.retry(before.GetId())
		servicetest.RequireReason(t, err, fault.Refused, "NOTIFICATION_NOT_FAILED")
		require.True(t, proto.Equal(before, w.ended(o.GetId(), 1)[received]))
		_, err = w.retry(id.UUIDv7())
		servicetest.RequireReason(t, err, fault.NotFound, "NOTIFICATION_NOT_FOUND")
		_, err = w.retry("one")
		servicetest.RequireReason(t, err, fault.Invalid, fault.InvalidFieldReason)
	})
}

func TestAStrangerCanBeToldOnceKnown(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		bob := id.UUIDv7()
		o := order(bob)
		w.tell(&orderingv1.OrderCreated{Order: o})
		n := w.ended(o.GetId(), 1)[received]
		_, err := w.retry(n.GetId())
		servicetest.RequireReason(t, err, fault.NotFound, "CUSTOMER_NOT_FOUND")
		require.True(t, proto.Equal(n, w.ended(o.GetId(), 1)[received]))

		w.customers.Know(&customersv1.Customer{Id: bob, Name: "Bob", SmsNumber: number, Version: 1})
		_, err = w.retry(n.GetId())
		require.NoError(t, err)
		require.Equal(t, sent, w.ended(o.GetId(), 1)[received].GetStatus())
	})
}
