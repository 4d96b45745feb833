package saga_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
)

// The words of the create-order saga: what each action does and what undoes it.
var undoes = map[string]string{"ReleaseStock": "ReserveStock", "CancelShoppingList": "CreateShoppingList", "VoidPayment": "ConfirmPayment"}

// services are all participants: they handle a message once, keep tombstones, and refuse at random.
type services struct {
	random  *rand.Rand
	inbox   map[string]bool
	inForce map[string]bool // actions that took effect and were not undone
	undone  map[string]bool // tombstones
	order   []string        // of compensations that took effect
}

// handle gives the reply to a command, or nil for a copy.
func (s *services) handle(out message.Outgoing) *sagav1.CommandReply {
	if s.inbox[out.Meta.ID] {
		return nil
	}
	s.inbox[out.Meta.ID] = true
	word, _, _ := strings.Cut(wordsOf([]message.Outgoing{out})[0], " ")
	action, compensates := undoes[word]
	switch {
	case compensates || word == "RejectOrder":
		if s.random.IntN(4) == 0 {
			return refused("BUSY")
		}
		delete(s.inForce, action)
		s.undone[action] = true
		s.order = append(s.order, word)
		return succeeded(nil)
	case s.undone[word]:
		return refused("TOO_LATE")
	case word == "InitiateShopping" && s.random.IntN(2) == 0, s.random.IntN(12) == 0:
		return refused("CLOSED")
	default:
		s.inForce[word] = true
		return fine(out)
	}
}

// TestInWhateverOrderThingsHappenASagaIsCarriedOutOrUndone: messages are late, copied and shuffled, deadlines pass in between.
func TestInWhateverOrderThingsHappenASagaIsCarriedOutOrUndone(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 20
	}
	each(t, func(m *mall) {
		ends := map[string]int{}
		for seed := range seeds {
			end := m.play(fmt.Sprintf("order-%d", seed), rand.New(rand.NewPCG(1, uint64(seed))))
			ends[end]++
		}
		require.Greater(m, ends["completed"], seeds/10, "the interleavings are worth nothing if they all end alike: %v", ends)
		require.Greater(m, ends["compensated NO_REPLY"], seeds/10, "%v", ends)
		require.Greater(m, ends["compensated CLOSED"], seeds/10, "%v", ends)
	})
}

// play runs one saga to its end and says how it ended.
func (m *mall) play(id string, random *rand.Rand) string {
	s := &services{random: random, inbox: map[string]bool{}, inForce: map[string]bool{}, undone: map[string]bool{}}
	type reply struct {
		to   message.Outgoing
		body *sagav1.CommandReply
	}
	var commands, sent []message.Outgoing
	var replies []reply
	patience := random.IntN(3) // how readily this run lets time pass while messages are on their way
	m.start(order{ID: id})
	const tooLong = 2000
	for step := 0; ; step++ {
		require.Less(m, step, tooLong, "saga %s does not end", id)
		fresh := m.bus.take()
		commands, sent = append(commands, fresh...), append(sent, fresh...)
		ended := m.endOf(id)
		if ended && len(commands) == 0 && len(replies) == 0 {
			break
		}
		switch pick := random.IntN(4 + patience); {
		case pick == 0 && !ended, len(commands)+len(replies) == 0:
			m.wait(deadline)
		case len(replies) == 0 || len(commands) > 0 && pick%2 == 1:
			i := random.IntN(len(commands))
			if body := s.handle(commands[i]); body != nil {
				replies = append(replies, reply{commands[i], body})
			}
			if random.IntN(3) > 0 { // else a copy stays on its way
				commands = append(commands[:i], commands[i+1:]...)
			}
		default:
			i := random.IntN(len(replies))
			m.answer(replies[i].to, replies[i].body)
			if random.IntN(3) > 0 {
				replies = append(replies[:i], replies[i+1:]...)
			}
		}
	}
	return m.judge(id, s, sent)
}

func (m *mall) endOf(id string) bool {
	end, _ := m.show(id)
	return end.State.Ended()
}

// judge compares what a saga says of itself with what the services hold.
func (m *mall) judge(id string, s *services, sent []message.Outgoing) string {
	m.Helper()
	end, history := m.show(id)
	require.Equal(m, len(history), end.Entries)
	if end.State == saga.StateCompleted {
		require.Len(m, s.inForce, 6, "saga %s is completed: every action is in force", id)
		require.Empty(m, s.order)
		return string(end.State)
	}
	require.Equal(m, saga.StateCompensated, end.State)
	delete(s.inForce, "AuthorizeCustomer") // nothing to undo
	require.Empty(m, s.inForce, "saga %s is compensated: nothing is in force, whatever came late", id)

	// Compensated are, once each and in reverse order, the steps that were sent, but not the one that was refused.
	want := []string{"RejectOrder"}
	seen := map[string]bool{}
	for _, out := range sent {
		word, _, _ := strings.Cut(wordsOf([]message.Outgoing{out})[0], " ")
		for undo, action := range undoes {
			refusedHere := out.Meta.SagaStep == end.Failure.Step && end.Failure.Reason != saga.ReasonNoReply
			if word == action && !seen[word] && !refusedHere {
				want = append([]string{undo}, want...)
			}
		}
		seen[word] = true
	}
	require.Equal(m, want, s.order, "saga %s", id)
	return string(end.State) + " " + end.Failure.Reason
}
