package app

import (
	"context"
	"time"

	"mallbots.example/services/depot/internal/domain"
)

const (
	// availableLists is what watchers wait for.
	availableLists = "available"
	// watchPage lists are read at a time. A bot takes one of the first and hangs up …
	watchPage = 20
	// … within watchPause, so that where many lists wait, few rows are read for nothing. An observer still gets 1,000 lists a second.
	watchPause = 20 * time.Millisecond
)

// WatchShoppingLists sends the lists that are available, oldest first, then each that becomes available, each once, until send gives an
// error or ctx ends. What this process makes available is found at once, another replica's within watch.Interval.
func (a *App) WatchShoppingLists(ctx context.Context, send func(list *domain.ShoppingList) error) error {
	// Which of the available lists have been sent. A list that is not available any more never is again, so that it can be forgotten.
	var sent map[string]bool
	return a.watchers.Each(ctx, availableLists, func(ctx context.Context) (done bool, err error) {
		found := map[string]bool{}
		for after := ""; ; {
			lists, err := a.ListShoppingLists(ctx, ListFilter{Status: domain.Available}, after, watchPage)
			if err != nil {
				return false, err
			}
			for _, list := range lists {
				after = list.ID()
				found[after] = true
				if sent[after] {
					continue
				}
				if err := send(list); err != nil {
					return false, err
				}
			}
			if len(lists) < watchPage {
				sent = found
				return false, nil
			}
			if err := pause(ctx, watchPause); err != nil {
				return false, err
			}
		}
	})
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
