package app_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

// run runs the loop until the test ends.
func (w world) run() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.RunSending(ctx) }()
	w.t.Cleanup(func() {
		stop()
		require.NoError(w.t, <-ended)
	})
}

func TestWhatIsQueuedWakesTheSending(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		sent := make(chan app.Sms)
		w.carrier.send = func(_ context.Context, sms app.Sms) error {
			sent <- sms
			return nil
		}
		w.run()
		for _, kind := range []domain.Kind{domain.OrderReceived, domain.OrderReady, domain.OrderCanceled} {
			w.notify(kind, "order", "ada") // the loop is idle for seconds unless it is woken
			require.Equal(t, number, (<-sent).To)
		}
	})
}

func TestWhatWasQueuedBeforeTheProcessStartedIsSent(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const more = 65 // than one batch
		for i := range more {
			w.notify(domain.OrderReady, string(rune('a'+i)), "ada")
		}
		sent := make(chan struct{}, more)
		w.carrier.send = func(context.Context, app.Sms) error {
			sent <- struct{}{}
			return nil
		}
		w.run()
		for range more {
			<-sent
		}
	})
}

func TestTheSendingGoesOnThroughErrors(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		tried := make(chan struct{})
		w.carrier.send = func(context.Context, app.Sms) error {
			tried <- struct{}{}
			return errors.New("busy")
		}
		w.run()
		w.notify(domain.OrderReady, "order", "ada")
		<-tried
		w.notify(domain.OrderReady, "another order", "ada")
		<-tried
	})
}
