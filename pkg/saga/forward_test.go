package saga_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

func TestActionsRunInTheOrderOfTheStepsAndThenTheSagaIsCompleted(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		for _, words := range []string{
			"AuthorizeCustomer order-1", "ReserveStock order-1", "CreateShoppingList order-1", "ConfirmPayment order-1",
			"ApproveOrder order-1", "InitiateShopping list-1", // with what CreateShoppingList's reply carried
		} {
			require.Equal(m, saga.StateRunning, m.state())
			out := m.sent(words)
			m.answer(out, fine(out))
		}
		require.Empty(m, m.bus.take())
		s, history := m.show(orderID)
		require.Equal(m, saga.StateCompleted, s.State)
		require.Zero(m, s.DeadlineAt)
		require.JSONEq(m, `{"ID": "order-1", "List": "list-1", "Gift": false}`, string(s.Data))
		require.Equal(m, []saga.What{
			saga.Started, saga.ActionSent, saga.Succeeded, saga.ActionSent, saga.Succeeded, saga.ActionSent, saga.Succeeded,
			saga.ActionSent, saga.Succeeded, saga.ActionSent, saga.Succeeded, saga.ActionSent, saga.Succeeded, saga.Completed,
		}, whats(history))
	})
}

func whats(history []saga.Entry) (whats []saga.What) {
	for _, e := range history {
		whats = append(whats, e.What)
	}
	return whats
}

func TestACommandSaysWhatItIsForAndWhereTheReplyGoes(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.bus.take()[0]
		require.Equal(m, "customers", out.Topic)
		require.NotEmpty(m, out.Meta.ID)
		require.Equal(m, message.Meta{
			ID: out.Meta.ID, CommandID: out.Meta.ID, Subject: orderID, ReplyTo: replyTopic,
			Saga: "CreateOrder", SagaID: orderID, SagaStep: "customer",
			Source: "cosec", CorrelationID: orderID,
		}, out.Meta)
	})
}

func TestAStepThatHasNothingToDoForThisDataIsPassedOver(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID, Gift: true})
		out := m.upTo("CreateShoppingList order-1")
		m.answer(out, fine(out))
		m.sent("ApproveOrder order-1")
	})
}

func TestASecondStartOfTheSameIDChangesNothing(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.sent("AuthorizeCustomer order-1")
		m.start(order{ID: orderID, Gift: true})
		require.Empty(m, m.bus.take())

		m.answer(out, fine(out))
		m.start(order{ID: orderID, Gift: true})
		m.sent("ReserveStock order-1")
		s, history := m.show(orderID)
		require.JSONEq(m, `{"ID": "order-1", "List": "", "Gift": false}`, string(s.Data))
		require.Len(m, history, 4)
	})
}

func TestTwoStartsInOneUnitOfWorkAreOne(t *testing.T) {
	each(t, func(m *mall) {
		require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(m.o.Start(ctx, tx, orderID, order{ID: orderID}), m.o.Start(ctx, tx, orderID, order{ID: orderID}))
		}))
		m.sent("AuthorizeCustomer order-1")
	})
}

func TestASagaNeedsAnID(t *testing.T) {
	each(t, func(m *mall) {
		require.ErrorContains(m, m.do(func(ctx context.Context, tx *store.Tx) error { return m.o.Start(ctx, tx, "", order{}) }), "needs an id")
	})
}

func TestARetriableStepIsSentAnewUntilItSucceeds(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("InitiateShopping list-1")
		ids := map[string]bool{out.Meta.ID: true}
		for _, backoff := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			m.answer(out, refused("NO_BOT"))
			m.wait(seconds(backoff) - 1)
			require.Empty(m, m.bus.take(), "sent before its backoff of %d s", backoff)
			m.wait(1)
			out = m.sent("InitiateShopping list-1")
			ids[out.Meta.ID] = true
			require.Equal(m, out.Meta.ID, out.Meta.CommandID)
		}
		require.Len(m, ids, 9, "each under a new id, or the receiver's inbox would drop it")
		require.Equal(m, saga.StateRunning, m.state())
		m.answer(out, fine(out))
		require.Equal(m, saga.StateCompleted, m.state())
	})
}

func TestWhatTheDoneHookWritesIsPartOfTheLastTransition(t *testing.T) {
	var outcomes []saga.Outcome
	var hookErr error
	definition := func() saga.Definition[order] {
		outcomes = nil
		d := createOrder()
		d.Done = func(_ context.Context, tx *store.Tx, data order, outcome saga.Outcome) error {
			outcomes = append(outcomes, outcome)
			require.Equal(t, "list-1", data.List)
			return hookErr
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("InitiateShopping list-1")
		hookErr = errors.New("hook failed")
		require.ErrorIs(m, m.tryAnswer(answerTo(out), fine(out)), hookErr)
		require.Equal(m, saga.StateRunning, m.state())
		hookErr = nil
		m.answer(out, fine(out))
		end := saga.Outcome{SagaID: orderID, State: saga.StateCompleted}
		require.Equal(m, []saga.Outcome{end, end}, outcomes)
	})
}

func TestAReplyThatCannotBeTakenChangesNothing(t *testing.T) {
	explode := false
	definition := func() saga.Definition[order] {
		d := createOrder()
		take := d.Steps[3].OnSuccess
		d.Steps[3].OnSuccess = func(data *order, result *anyResult) error {
			if explode {
				data.List = "half done"
				panic("boom")
			}
			return take(data, result)
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		m.start(order{ID: orderID})
		out := m.upTo("CreateShoppingList order-1")
		before, _ := m.show(orderID)

		require.ErrorContains(m, m.tryAnswer(answerTo(out), succeeded(nil)), "carries no google.protobuf.StringValue")
		require.ErrorContains(m, m.tryAnswer(answerTo(out), succeeded(wrapperspb.Bool(true))), "carries no google.protobuf.StringValue")
		require.ErrorContains(m, m.tryAnswer(answerTo(out), nil), "no outcome")
		explode = true
		require.Panics(m, func() { _ = m.tryAnswer(answerTo(out), fine(out)) })
		explode = false

		after, _ := m.show(orderID)
		require.Equal(m, before, after)
		require.Empty(m, m.bus.take())
		m.answer(out, fine(out))
		m.sent("ConfirmPayment order-1")
	})
}

func TestACommandWithoutTopicOrBodyFailsTheUnitOfWork(t *testing.T) {
	for name, bad := range map[string]*saga.Command{"topic": {Body: wrapperspb.String("x")}, "body": {Topic: "depot"}} {
		t.Run(name, func(t *testing.T) {
			definition := createOrder()
			definition.Steps[1].Action = func(order) *saga.Command { return bad }
			eachOf(t, func() saga.Definition[order] { return definition }, func(m *mall) {
				err := m.do(func(ctx context.Context, tx *store.Tx) error { return m.o.Start(ctx, tx, orderID, order{ID: orderID}) })
				require.ErrorContains(m, err, "has no topic or no body")
			})
		})
	}
}
