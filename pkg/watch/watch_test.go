package watch

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAWatcherLooksAtOnceAndWheneverItIsNotified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub Hub
		looks := make(chan int)
		go func() {
			n := 0
			_ = hub.Each(t.Context(), "order", func(context.Context) (bool, error) {
				n++
				looks <- n
				return n == 3, nil
			})
			close(looks)
		}()
		start := time.Now()
		require.Equal(t, 1, <-looks)
		hub.Notify("order")
		hub.Notify("another")
		require.Equal(t, 2, <-looks)
		require.Zero(t, time.Since(start), "no interval had to pass")
		require.Equal(t, 3, <-looks)
		require.Equal(t, Interval, time.Since(start), "nothing woke it but the interval")
		_, open := <-looks
		require.False(t, open)
		require.Empty(t, hub.watchers)
	})
}

func TestANotificationDuringALookIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub Hub
		n := 0
		start := time.Now()
		require.NoError(t, hub.Each(t.Context(), "order", func(context.Context) (bool, error) {
			n++
			hub.Notify("order")
			hub.Notify("order")
			return n == 2, nil
		}))
		require.Zero(t, time.Since(start))
	})
}

func TestAWatcherEndsWithItsContextOrAnError(t *testing.T) {
	var hub Hub
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, hub.Each(ctx, "order", func(context.Context) (bool, error) { cancel(); return false, nil }), context.Canceled)
	broken := errors.New("broken")
	require.ErrorIs(t, hub.Each(t.Context(), "order", func(context.Context) (bool, error) { return false, broken }), broken)
	require.Empty(t, hub.watchers)
}
