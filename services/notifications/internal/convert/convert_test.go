package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	"mallbots.example/services/notifications/internal/convert"
	"mallbots.example/services/notifications/internal/domain"
)

func TestEachKindAndStatusHasItsOwnNameInTheAPI(t *testing.T) {
	kinds := map[notificationsv1.NotificationKind]bool{0: true}
	for _, kind := range []domain.Kind{domain.OrderReceived, domain.OrderReady, domain.OrderCanceled, domain.OrderRejected} {
		kinds[convert.Kind(kind)] = true
	}
	require.Len(t, kinds, len(notificationsv1.NotificationKind_name))
	statuses := map[notificationsv1.NotificationStatus]bool{0: true}
	for _, status := range []domain.Status{domain.Queued, domain.Sent, domain.Failed} {
		statuses[convert.Status(status)] = true
	}
	require.Len(t, statuses, len(notificationsv1.NotificationStatus_name))
}
