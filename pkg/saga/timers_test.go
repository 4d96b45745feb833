package saga_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

func TestWhatTheTimersSendBelongsToTheRequestThatSetTheSagaOff(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		first := m.sent("AuthorizeCustomer order-1")
		m.wait(deadline)
		again := m.sent("AuthorizeCustomer order-1")
		require.Equal(m, orderID, again.Meta.CorrelationID)
		require.Equal(m, first.Meta, again.Meta)
	})
}

// TestOfTwoReplicasOneActs holds one replica in the middle of its unit of work where the database has more than one writer.
func TestOfTwoReplicasOneActsOnADeadline(t *testing.T) {
	each(t, func(m *mall) {
		entered, leave := make(chan struct{}), make(chan struct{})
		slow := createOrder()
		if action := slow.Steps[1].Action; m.db.Lanes() > 1 {
			slow.Steps[1].Action = func(d order) *saga.Command {
				entered <- struct{}{}
				<-leave
				return action(d)
			}
		} else {
			close(leave)
		}
		other := m.replica(slow)
		m.start(order{ID: orderID})
		m.bus.take()
		m.clock.Advance(deadline)

		done := make(chan error, 1)
		go func() { done <- other.FireDue(m.Context()) }()
		if m.db.Lanes() > 1 {
			<-entered
			require.NoError(m, m.o.FireDue(m.Context()), "it does not wait for the other replica")
			require.Empty(m, m.bus.take())
			close(leave)
		}
		require.NoError(m, <-done)
		require.NoError(m, m.o.FireDue(m.Context()))
		m.sent("AuthorizeCustomer order-1")
		s, _ := m.show(orderID)
		require.Equal(m, 2, s.Attempt)
	})
}

// TestAReplyAndTheDeadlineAtOnce: the reply comes while the deadline's unit of work is under way, and loses the race for the row.
func TestAReplyThatComesAsTheDeadlineIsActedOnStillCounts(t *testing.T) {
	each(t, func(m *mall) {
		if m.db.Lanes() == 1 {
			return // one writer: there is no at once
		}
		var answered chan error
		definition := createOrder()
		action := definition.Steps[1].Action
		replying := make(chan struct{})
		definition.Steps[1].Action = func(d order) *saga.Command {
			close(replying)
			return action(d)
		}
		m.start(order{ID: orderID})
		out := m.sent("AuthorizeCustomer order-1")
		m.clock.Advance(deadline)
		answered = make(chan error, 1)
		go func() {
			<-replying
			answered <- m.tryAnswer(answerTo(out), fine(out))
		}()
		require.NoError(m, m.replica(definition).FireDue(m.Context()))
		require.NoError(m, <-answered)
		require.Contains(m, wordsOf(m.bus.take()), "ReserveStock order-1")
	})
}

func TestOneRoundActsOnEveryDeadlineThatHasPassed(t *testing.T) {
	each(t, func(m *mall) {
		const many = 2*saga.TimersAtOnce + 1
		for i := range many {
			m.start(order{ID: fmt.Sprint("order-", i)})
		}
		require.Len(m, m.bus.take(), many)
		m.wait(deadline)
		require.Len(m, m.bus.take(), many)
		m.wait(0)
		require.Empty(m, m.bus.take())
	})
}

// A saga that can't be moved, for a mistake in its definition, is put off; it neither holds up the others nor comes back at once.
func TestASagaThatCannotBeMovedDoesNotHoldUpTheOthers(t *testing.T) {
	broken, tried := false, 0
	definition := func() saga.Definition[order] {
		broken, tried = false, 0
		d := createOrder()
		action := d.Steps[1].Action
		d.Steps[1].Action = func(data order) *saga.Command {
			if broken && data.ID == "order-1" {
				tried++
				panic("boom")
			}
			return action(data)
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		for i := range 3 {
			m.start(order{ID: fmt.Sprint("order-", i)})
		}
		m.bus.take()
		broken = true
		m.wait(deadline)
		require.Equal(m, []string{"AuthorizeCustomer order-0", "AuthorizeCustomer order-2"}, wordsOf(m.bus.take()))
		require.Equal(m, 2, tried, "once with the others, once alone")
		m.wait(seconds(1))
		require.Equal(m, 2, tried)

		broken = false
		m.wait(time.Minute)
		require.Contains(m, wordsOf(m.bus.take()), "AuthorizeCustomer order-1")
	})
}

func TestASagaAtAStepThatThisReleaseDoesNotHaveWaits(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("ReserveStock order-1")
		renamed := createOrder()
		renamed.Steps[2].Name = "goods"
		m.clock.Advance(deadline)
		other := m.replica(renamed)
		require.NoError(m, other.FireDue(m.Context()))
		require.ErrorContains(m, m.do(func(ctx context.Context, tx *store.Tx) error {
			return other.OnReply(ctx, tx, answerTo(out), fine(out))
		}), `at step "stock", which this release does not have`)
		require.Empty(m, m.bus.take())
		m.wait(time.Minute) // the old release acts
		m.sent("ReserveStock order-1")
	})
}

func TestRunTimersGoesOnThroughErrorsUntilItsContextEnds(t *testing.T) {
	each(t, func(m *mall) {
		look := make(chan time.Time)
		m.cfg.Look = look
		o := m.replica(createOrder())
		m.start(order{ID: orderID})
		m.bus.take()

		ctx, cancel := context.WithCancel(m.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- o.RunTimers(ctx) }()
		round := func() {
			look <- time.Time{}
			look <- time.Time{} // taken when the first round is over
		}
		round()
		require.Empty(m, m.bus.take())

		m.rename("sagas", "elsewhere")
		round() // fails
		m.rename("elsewhere", "sagas")

		m.clock.Advance(deadline)
		round()
		m.sent("AuthorizeCustomer order-1")
		cancel()
		require.NoError(m, <-done)
	})
}

// rename renames a table: the database is there but fails.
func (m *mall) rename(from, to string) {
	m.Helper()
	require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "ALTER TABLE "+from+" RENAME TO "+to)
		return err
	}))
}

func TestRunTimersLooksByItself(t *testing.T) {
	each(t, func(m *mall) {
		ctx, cancel := context.WithCancel(m.Context())
		cancel()
		require.NoError(m, m.o.RunTimers(ctx))
	})
}
