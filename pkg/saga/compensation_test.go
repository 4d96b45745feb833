package saga_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

// undone is what undoes a create-order saga, from its end.
func undone(from, rejection string) (words []string) {
	all := []string{"VoidPayment order-1", "CancelShoppingList order-1", "ReleaseStock order-1"}
	for i, w := range all {
		if strings.HasPrefix(w, from) {
			words = all[i:]
		}
	}
	return append(words[:len(words):len(words)], "RejectOrder order-1 for "+rejection)
}

func TestARefusedStepIsUndoneFromTheStepBeforeIt(t *testing.T) {
	for refusedStep, want := range map[string][]string{
		"AuthorizeCustomer order-1":  undone("-", "customer CLOSED"),
		"ReserveStock order-1":       undone("-", "stock CLOSED"),
		"CreateShoppingList order-1": undone("ReleaseStock", "list CLOSED"),
		"ConfirmPayment order-1":     undone("CancelShoppingList", "payment CLOSED"),
		"ApproveOrder order-1":       undone("VoidPayment", "approval CLOSED"),
	} {
		t.Run(refusedStep, func(t *testing.T) {
			each(t, func(m *mall) {
				m.start(order{ID: orderID})
				m.answer(m.upTo(refusedStep), refused("CLOSED"))
				for _, words := range want {
					require.Equal(m, saga.StateCompensating, m.state())
					out := m.sent(words)
					m.answer(out, fine(out))
				}
				require.Empty(m, m.bus.take())
				s, history := m.show(orderID)
				require.Equal(m, saga.StateCompensated, s.State)
				require.Equal(m, "CLOSED", s.Failure.Reason)
				require.Equal(m, "because", s.Failure.Message)
				require.Equal(m, saga.Compensated, history[len(history)-1].What)
				require.Equal(m, "CLOSED: because", history[len(history)-1].Detail)
			})
		})
	}
}

func TestAStepWithoutReplyIsSentAgainAndThenUndoneItself(t *testing.T) {
	for unknown, want := range map[string][]string{
		"AuthorizeCustomer order-1":  undone("-", "customer NO_REPLY"), // it has nothing to undo
		"ReserveStock order-1":       undone("ReleaseStock", "stock NO_REPLY"),
		"CreateShoppingList order-1": undone("CancelShoppingList", "list NO_REPLY"),
		"ConfirmPayment order-1":     undone("VoidPayment", "payment NO_REPLY"),
	} {
		t.Run(unknown, func(t *testing.T) {
			each(t, func(m *mall) {
				m.start(order{ID: orderID})
				first := m.upTo(unknown)
				for range attempts - 1 {
					m.wait(deadline - 1)
					require.Empty(m, m.bus.take())
					m.wait(1)
					again := m.sent(unknown)
					m.isCopy(first, again)
					require.Equal(m, saga.StateRunning, m.state())
				}
				m.wait(deadline)
				for i, words := range want {
					out := m.sent(words)
					if i == 0 {
						// The action did take effect, or was refused, but it is too late.
						m.answer(first, refused("LATE"))
						m.answer(first, fine(first))
						require.Equal(m, []saga.Ignored{saga.NotAwaited, saga.NotAwaited}, m.ignored)
						require.Empty(m, m.bus.take())
					}
					m.answer(out, fine(out))
				}
				require.Empty(m, m.bus.take())
				require.Equal(m, saga.StateCompensated, m.state())
				m.answer(first, fine(first))
				require.Equal(m, saga.EndedSaga, m.ignored[2])
			})
		})
	}
}

func TestAReplyToTheSecondSendingIsAsGood(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		m.upTo("ReserveStock order-1")
		m.wait(deadline)
		again := m.sent("ReserveStock order-1")
		m.answer(again, fine(again))
		m.sent("CreateShoppingList order-1")
	})
}

func TestThePivotIsNeverGivenUp(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		first := m.upTo("ApproveOrder order-1")
		for _, wait := range []int{10, 10, 10, 10, 16, 32, 60, 60, 60} { // the step's deadline, until the backoff is longer
			m.wait(seconds(wait) - 1)
			require.Empty(m, m.bus.take())
			m.wait(1)
			again := m.sent("ApproveOrder order-1")
			require.Equal(m, first.Meta.ID, again.Meta.ID)
		}
		require.Equal(m, saga.StateRunning, m.state())
		m.answer(first, fine(first))
		m.sent("InitiateShopping list-1")
	})
}

func TestACompensationIsSentUntilItSucceeds(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		m.answer(m.upTo("CreateShoppingList order-1"), refused("CLOSED"))
		first := m.sent("ReleaseStock order-1")

		m.wait(deadline)
		again := m.sent("ReleaseStock order-1")
		m.isCopy(first, again) // it was not answered

		m.answer(again, refused("BUSY"))
		require.Empty(m, m.bus.take())
		m.answer(first, refused("BUSY"))
		require.Equal(m, []saga.Ignored{saga.NotAwaited}, m.ignored)
		m.wait(seconds(2))
		anew := m.sent("ReleaseStock order-1")
		require.NotEqual(m, first.Meta.ID, anew.Meta.ID, "refused: a new message")

		m.answer(again, fine(again)) // for a command that is not awaited any more
		require.Empty(m, m.bus.take())
		m.answer(anew, fine(anew))
		m.sent("RejectOrder order-1 for list CLOSED") // for the failure that turned the saga round, not a later one

		_, history := m.show(orderID)
		require.Equal(m, []saga.What{
			saga.CompensationSent, saga.DeadlinePassed, saga.CompensationSent, saga.Failed, saga.CompensationSent,
			saga.Succeeded, saga.CompensationSent,
		}, whats(history)[8:])
	})
}

func TestAStepPassedOverIsAskedWhetherThereIsSomethingToUndo(t *testing.T) {
	definition := func() saga.Definition[order] {
		d := createOrder()
		undo := d.Steps[4].Compensation
		d.Steps[4].Compensation = func(data order, f saga.Failure) *saga.Command {
			if data.Gift {
				return nil
			}
			return undo(data, f)
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		m.start(order{ID: orderID, Gift: true})
		m.answer(m.upTo("ApproveOrder order-1"), refused("CANCELING"))
		m.sent("CancelShoppingList order-1")
	})
}

func TestASagaWithNothingToUndoEndsAtOnce(t *testing.T) {
	var outcomes []saga.Outcome
	definition := func() saga.Definition[order] {
		outcomes = nil
		d := createOrder()
		d.Steps = d.Steps[1:]
		d.Done = func(_ context.Context, _ *store.Tx, _ order, outcome saga.Outcome) error {
			outcomes = append(outcomes, outcome)
			return nil
		}
		return d
	}
	eachOf(t, definition, func(m *mall) {
		m.start(order{ID: orderID})
		m.answer(m.upTo("AuthorizeCustomer order-1"), refused("DISABLED"))
		require.Empty(m, m.bus.take())
		require.Equal(m, []saga.Outcome{{
			SagaID: orderID, State: saga.StateCompensated,
			Failure: saga.Failure{Step: "customer", Reason: "DISABLED", Message: "because"},
		}}, outcomes)
	})
}

func TestWhatAParticipantSaysFitsIntoTheRow(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		reply := refused("ODD")
		reply.GetFailed().Message = "a\x00b" + strings.Repeat("ü", saga.MaxWords)
		m.answer(m.upTo("AuthorizeCustomer order-1"), reply)
		s, _ := m.show(orderID)
		require.True(m, strings.HasPrefix(s.Failure.Message, "abüü"))
		require.LessOrEqual(m, len(s.Failure.Message), saga.MaxWords+len("…"))
	})
}

func TestTheHistoryOfACompensationThatIsRefusedForDaysHasAnEnd(t *testing.T) {
	each(t, func(m *mall) {
		m.start(order{ID: orderID})
		m.answer(m.upTo("ReserveStock order-1"), refused("CLOSED"))
		for range saga.MaxHistory {
			m.answer(m.bus.take()[0], refused("BUSY"))
			m.wait(seconds(60))
		}
		_, history := m.show(orderID)
		require.Len(m, history, saga.MaxHistory)
		out := m.bus.take()[0]
		m.answer(out, fine(out))
		_, history = m.show(orderID)
		require.Equal(m, []saga.What{saga.Succeeded, saga.Compensated}, whats(history)[saga.MaxHistory:], "what ends it is told")
	})
}
