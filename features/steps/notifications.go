package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
)

// notices by what the features say.
var notices = map[string]notificationsv1.NotificationKind{
	"was received": notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED,
	"is ready":     notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY,
	"was rejected": notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED,
	"was canceled": notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_CANCELED,
}

func (w *world) notificationSteps() {
	w.step(`^"([^"]*)" was told that the order (was received|is ready|was rejected|was canceled)$`, w.wasTold)
	w.step(`^"([^"]*)" was told that the order (was rejected), in a message that says "([^"]*)"$`, w.wasToldSaying)
	w.step(`^"([^"]*)" could not be told that the order (was received|was rejected)$`, w.couldNotBeTold)
	w.step(`^"([^"]*)" has (\d+) messages? about the order$`, w.hasMessages)
	w.step(`^"([^"]*)" has (\d+) messages in all$`, w.hasMessagesInAll)
	w.step(`^"([^"]*)" comes to be told again that the order (was received)$`, w.isToldAgain)
	w.tries(`^somebody tries to have "([^"]*)" told again that the order (was received)$`, w.tellAgain)
	w.step(`^messages about new orders of "([^"]*)" come to go to "([^"]*)"$`, w.messagesGoTo)
}

func (w *world) messages(ctx context.Context, name string) ([]*notificationsv1.Notification, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.notifications.ListNotifications(ctx, &notificationsv1.ListNotificationsRequest{OrderId: orderID})
	return resp.GetNotifications(), err
}

// message waits for the one message of a kind about a customer's order.
func (w *world) message(ctx context.Context, name, what string, want notificationsv1.NotificationStatus) (found *notificationsv1.Notification, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		messages, err := w.messages(ctx, name)
		if err != nil {
			return err
		}
		count := 0
		for _, n := range messages {
			if n.GetKind() == notices[what] && n.GetStatus() == want {
				count, found = count+1, n
			}
		}
		if count != 1 {
			return fmt.Errorf("there are %d such messages: %v", count, messages)
		}
		return nil
	})
	return found, err
}

func (w *world) wasTold(ctx context.Context, name, what string) error {
	_, err := w.message(ctx, name, what, notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT)
	return err
}

func (w *world) wasToldSaying(ctx context.Context, name, what, text string) error {
	sent, err := w.message(ctx, name, what, notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT)
	if err == nil && !strings.Contains(sent.GetText(), text) {
		err = fmt.Errorf("it says %q", sent.GetText())
	}
	return err
}

func (w *world) couldNotBeTold(ctx context.Context, name, what string) error {
	_, err := w.message(ctx, name, what, notificationsv1.NotificationStatus_NOTIFICATION_STATUS_FAILED)
	return err
}

func (w *world) hasMessages(ctx context.Context, name string, want int) error {
	messages, err := w.messages(ctx, name)
	if err == nil && len(messages) != want {
		err = fmt.Errorf("there are %d", len(messages))
	}
	return err
}

func (w *world) hasMessagesInAll(ctx context.Context, name string, want int) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	resp, err := w.notifications.ListNotifications(ctx, &notificationsv1.ListNotificationsRequest{CustomerId: s.customerID})
	if err == nil && len(resp.GetNotifications()) != want {
		err = fmt.Errorf("there are %d", len(resp.GetNotifications()))
	}
	return err
}

// tellAgain asks for the one message of a kind to be sent again, whatever became of it.
func (w *world) tellAgain(ctx context.Context, name, what string) error {
	messages, err := w.messages(ctx, name)
	if err != nil {
		return err
	}
	for _, n := range messages {
		if n.GetKind() == notices[what] {
			_, err := w.notifications.RetryNotification(ctx, &notificationsv1.RetryNotificationRequest{Id: n.GetId()})
			return err
		}
	}
	return errors.New("there is no such message")
}

// isToldAgain asks again and again: notifications learn a new number by an event, and the old one is refused until then.
func (w *world) isToldAgain(ctx context.Context, name, what string) error {
	return eventually(ctx, func(ctx context.Context) error {
		messages, err := w.messages(ctx, name)
		if err != nil {
			return err
		}
		for _, n := range messages {
			switch {
			case n.GetKind() != notices[what]:
			case n.GetStatus() == notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT:
				return nil
			case n.GetStatus() == notificationsv1.NotificationStatus_NOTIFICATION_STATUS_FAILED:
				err = w.tellAgain(ctx, name, what)
			}
		}
		return errors.Join(err, fmt.Errorf("it is not sent: %v", messages))
	})
}

// messagesGoTo places orders until one is told to the number: notifications learn a new one by an event.
func (w *world) messagesGoTo(ctx context.Context, name, number string) error {
	product := slices.Min(slices.Collect(maps.Keys(w.productIDs)))
	return eventually(ctx, func(ctx context.Context) error {
		if err := w.order(ctx, name, 1, product); err != nil {
			return err
		}
		sent, err := w.message(ctx, name, "was received", notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT)
		if err == nil && sent.GetSmsNumber() != number {
			err = fmt.Errorf("it went to %s", sent.GetSmsNumber())
		}
		return err
	})
}
