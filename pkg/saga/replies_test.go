package saga_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/anypb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

func TestAReplyThatIsNotAwaitedChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(meta *message.Meta)
		why    saga.Ignored
	}{
		"unknown saga":         {func(meta *message.Meta) { meta.SagaID = "order-2" }, saga.UnknownSaga},
		"another saga's name":  {func(meta *message.Meta) { meta.Saga = "CancelOrder" }, saga.UnknownSaga},
		"another step":         {func(meta *message.Meta) { meta.SagaStep = "customer" }, saga.NotAwaited},
		"another command":      {func(meta *message.Meta) { meta.CommandID = "another" }, saga.NotAwaited},
		"no command":           {func(meta *message.Meta) { meta.CommandID = "" }, saga.NotAwaited},
		"neither step nor all": {func(meta *message.Meta) { meta.SagaStep, meta.CommandID = "", "" }, saga.NotAwaited},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(m *mall) {
				m.start(order{ID: orderID})
				out := m.upTo("ReserveStock order-1")
				before, historyBefore := m.show(orderID)
				meta := answerTo(out)
				c.change(&meta)
				require.NoError(m, m.tryAnswer(meta, refused("STRAY")))
				require.NoError(m, m.tryAnswer(meta, fine(out)))
				after, historyAfter := m.show(orderID)
				require.Equal(m, before, after)
				require.Equal(m, historyBefore, historyAfter)
				require.Empty(m, m.bus.take())
				require.Equal(m, []saga.Ignored{c.why, c.why}, m.ignored)
			})
		})
	}
}

func TestAReplyWithoutCommandDoesNotAnswerOneThatWaitsToBeSentAnew(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("InitiateShopping list-1")
		m.answer(out, refused("NO_BOT")) // nothing is awaited now
		meta := answerTo(out)
		meta.CommandID = ""
		require.NoError(m, m.tryAnswer(meta, fine(out)))
		require.Equal(m, saga.StateRunning, m.state())
		require.Equal(m, []saga.Ignored{saga.NotAwaited}, m.ignored)
	})
}

func TestCopiesOfAReplyCountOnce(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("ReserveStock order-1")
		require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error { // a batch of a consumer is one unit of work
			for range 3 {
				if err := m.o.OnReply(ctx, tx, answerTo(out), fine(out)); err != nil {
					return err
				}
			}
			return nil
		}))
		m.answer(out, refused("NOW_NOT"))
		m.sent("CreateShoppingList order-1")
		require.Len(m, m.ignored, 3)
	})
}

func TestIgnoredRepliesOfAUnitThatIsRolledBackAreNotCounted(t *testing.T) {
	each(t, func(m *mall) {
		require.ErrorIs(m, m.do(func(ctx context.Context, tx *store.Tx) error {
			require.NoError(m, m.o.OnReply(ctx, tx, message.Meta{Saga: "CreateOrder", SagaID: "nobody"}, succeeded(nil)))
			return context.Canceled
		}), context.Canceled)
		require.Empty(m, m.ignored)
	})
}

// TestTwoRepliesAtOnce lets both units of work see the saga before either changes it, where the database has more than one writer.
func TestOfTwoRepliesAtOnceOneCounts(t *testing.T) {
	var both *sync.WaitGroup
	definition := func() saga.Definition[order] {
		d := createOrder()
		d.Steps[2].OnSuccess = func(*order, *anypb.Any) error {
			both.Done()
			both.Wait()
			return nil
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		both = &sync.WaitGroup{}
		if m.db.Lanes() > 1 {
			both.Add(2)
		} else {
			both.Add(1)
		}
		m.start(order{ID: orderID})
		out := m.upTo("ReserveStock order-1")
		var replies sync.WaitGroup
		for range 2 {
			replies.Go(func() { m.answer(out, fine(out)) })
		}
		replies.Wait()
		m.sent("CreateShoppingList order-1")
		require.Equal(m, []saga.Ignored{saga.NotAwaited}, m.ignored, "the one that lost ran again")
	})
}

func TestSagasOfTwoNamesMayHaveTheSameIDAndShareAReplyTopic(t *testing.T) {
	each(t, func(m *mall) {
		cancelOrder := createOrder()
		cancelOrder.Name = "CancelOrder"
		cancel := m.replica(cancelOrder)
		reply := saga.Route([]saga.Replier{m.o, cancel})
		answer := func(meta message.Meta) {
			require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error { return reply(ctx, tx, meta, succeeded(nil)) }))
		}

		m.start(order{ID: orderID})
		create := m.sent("AuthorizeCustomer order-1")
		require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error {
			return cancel.Start(ctx, tx, orderID, order{ID: orderID})
		}))
		other := m.sent("AuthorizeCustomer order-1")
		require.NotEqual(m, create.Meta.ID, other.Meta.ID)

		answer(answerTo(other))
		require.Equal(m, "CancelOrder", m.sent("ReserveStock order-1").Meta.Saga)
		answer(answerTo(create))
		require.Equal(m, "CreateOrder", m.sent("ReserveStock order-1").Meta.Saga)
		answer(message.Meta{Saga: "MoveHouse", SagaID: orderID})
		require.Equal(m, []saga.Ignored{saga.UnknownSaga}, m.ignored)
	})
}

func TestRepliesHandlesCommandReplies(t *testing.T) {
	require.Equal(t, "mallbots.saga.v1.CommandReply", saga.Replies().Type)
	require.NoError(t, saga.Route(nil)(t.Context(), nil, message.Meta{}, nil))
}
