package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/domain"
)

const (
	// dueAtOnce notifications are taken in one unit of work and their outcomes written in another, as consumers do with messages.
	dueAtOnce = 64
	// SideBySide is how many are with the carrier at once. A carrier answers in about 100 ms: 160 a second, more than carriers like.
	SideBySide = 16
	// SendTimeout bounds one call of the carrier; senders may have a shorter one of their own. A whole batch of calls that all take as
	// long, dueAtOnce/SideBySide × SendTimeout, must stay well within domain.InHand, or another replica takes what is still being sent here.
	SendTimeout = 10 * time.Second
	// settlePause paces attempts to write to a database that is away.
	settlePause = 200 * time.Millisecond
	// maxFailure bounds what is kept of a carrier's words.
	maxFailure = 500
)

// SendDue takes a batch of notifications that are due, sends them, and writes down what became of them. It gives how many it took: as many
// as a batch holds means that there may be more. Several replicas may do so at the same time and take different ones.
//
// The first unit of work counts the attempt and puts the notification off for domain.InHand; only then is it sent. Who dies in between
// leaves it to be sent again: at least once, and by the Sms's ID a carrier knows the second one for what it is.
func (a *App) SendDue(ctx context.Context) (taken int, err error) {
	// What is begun is brought to an end even when the process stops, or else it would be sent again; but after InHand others may have it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), domain.InHand)
	defer cancel()
	var due []*domain.Notification
	err = a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		due = nil // of an attempt that met a conflict
		candidates, err := a.Notifications.TakeDue(ctx, tx, a.Clock.Now(), dueAtOnce)
		taken = len(candidates)
		for _, n := range candidates {
			if n.Try(a.Clock.Now()) {
				due = append(due, n)
			}
			a.save(ctx, tx, n)
		}
		return err
	})
	if err != nil || len(due) == 0 {
		return taken, err
	}
	outcomes := a.sendAll(ctx, due)
	a.report(ctx, outcomes)
	return taken, a.settle(ctx, outcomes)
}

// report logs what a carrier did not take: one line for a batch, since an outage has many and all for one reason.
func (a *App) report(ctx context.Context, outcomes outcome) {
	failures, one := 0, error(nil)
	for _, err := range outcomes {
		if err != nil {
			failures, one = failures+1, err
		}
	}
	if failures > 0 {
		a.Log.WarnContext(ctx, "notifications were not taken", "attempts", len(outcomes), "failures", failures,
			"one_of_them", printable(one.Error()))
	}
}

// outcome is what became of an attempt; nil: the carrier has it.
type outcome map[string]error

func (a *App) sendAll(ctx context.Context, due []*domain.Notification) outcome {
	errs := make([]error, len(due))
	var sending errgroup.Group
	sending.SetLimit(SideBySide)
	for i, n := range due {
		sending.Go(func() error {
			errs[i] = a.send(ctx, n)
			return nil
		})
	}
	_ = sending.Wait() // the errors are in errs: one message's is none of the others'
	outcomes := outcome{}
	for i, n := range due {
		outcomes[n.ID()] = errs[i]
	}
	return outcomes
}

// send is one attempt. A sender that panics has failed with this message only.
func (a *App) send(ctx context.Context, n *domain.Notification) error {
	ctx, cancel := context.WithTimeout(ctx, SendTimeout)
	defer cancel()
	state := n.State()
	return store.Protect(func() error {
		return a.Sender.Send(ctx, Sms{
			ID: n.ID(), Kind: state.Kind, OrderID: state.OrderID, CustomerID: state.CustomerID, To: state.SmsNumber, Text: state.Text,
			CreateTime: n.Meta().CreatedAt,
		})
	})
}

// settle writes down what became of the attempts, as soon as the database lets it: what is out must not go out again because the database
// is away for a moment.
func (a *App) settle(ctx context.Context, outcomes outcome) error {
	retry := time.NewTicker(settlePause)
	defer retry.Stop()
	for {
		err := a.writeDown(ctx, outcomes)
		if err == nil || !store.Unavailable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
}

func (a *App) writeDown(ctx context.Context, outcomes outcome) error {
	ids := make([]string, 0, len(outcomes))
	for id := range outcomes {
		ids = append(ids, id)
	}
	return a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		notifications, err := a.Notifications.Get(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, n := range notifications {
			record(n, outcomes[n.ID()], a.Clock.Now())
			a.save(ctx, tx, n)
		}
		return nil
	})
}

// record tells a notification what became of its attempt.
func record(n *domain.Notification, failure error, now time.Time) {
	switch {
	case failure == nil:
		n.Deliver(now)
	case errors.Is(failure, ErrUndeliverable):
		n.Refuse(printable(failure.Error()), now)
	default:
		n.Miss(printable(failure.Error()), asked(failure), now)
	}
}

// asked is how long the carrier wants to be left alone; 0: it did not say.
func asked(failure error) time.Duration {
	var pause *PauseError
	if errors.As(failure, &pause) {
		return pause.Pause
	}
	return 0
}

// printable makes a text of somebody else's fit for a column: Postgres refuses NUL and broken UTF-8.
func printable(text string) string {
	text = text[:min(len(text), maxFailure)]
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
