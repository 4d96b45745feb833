package message_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// command asks for the effect word.
func command(t testing.TB, word string) *wm.Message {
	t.Helper()
	out := message.Outgoing{Topic: topic, Body: wrapperspb.String(word), Meta: message.Meta{
		Subject: "basket-1", ReplyTo: "saga.replies", CommandID: "command-1", Saga: "checkout", SagaID: "saga-1", SagaStep: "reserve",
	}}
	out.Meta = out.Meta.Complete(context.Background(), rand.Text, "sender", clock.System{}.Now())
	m, err := message.Encode(out)
	require.NoError(t, err)
	return m
}

// onCommand leaves the effect that the command asks for, then gives what then gives.
func onCommand(then func(ctx context.Context, word string) (proto.Message, error)) message.Handler {
	return message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, command *wrapperspb.StringValue) (proto.Message, error) {
		effect(tx, command.Value)
		return then(ctx, command.Value)
	})
}

// repliesOf waits until something is sent and checks that it all answers m.
func repliesOf(t testing.TB, db *store.DB, m *wm.Message) (replies []*sagav1.CommandReply) {
	t.Helper()
	require.Eventually(t, func() bool { return len(sentOf(t, db)) > 0 }, patience, 1e6)
	for _, sent := range sentOf(t, db) {
		reply := &sagav1.CommandReply{}
		sent.decode(t, reply)
		replies = append(replies, reply)
		asked := message.DecodeMeta(m)
		require.Equal(t, asked.ReplyTo, sent.topic)
		require.Equal(t, asked.ID, sent.meta.CausationID)
		require.Equal(t, asked.CorrelationID, sent.meta.CorrelationID)
		require.Equal(t, []string{asked.Subject, asked.CommandID, asked.Saga, asked.SagaID, asked.SagaStep},
			[]string{sent.meta.Subject, sent.meta.CommandID, sent.meta.Saga, sent.meta.SagaID, sent.meta.SagaStep})
		require.Empty(t, sent.meta.ReplyTo)
	}
	return replies
}

func TestACommandThatSucceededIsAnswered(t *testing.T) {
	for name, data := range map[string]proto.Message{"with nothing": nil, "with data": durationpb.New(42)} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				r := run(t, db, soon, onCommand(func(context.Context, string) (proto.Message, error) { return data, nil }))
				m := command(t, "reserved")
				all := []*wm.Message{m, m.Copy(), m.Copy()}
				r.deliver(all...)
				r.handled(all...)
				replies := repliesOf(t, db, m)
				require.Len(t, replies, 1)
				require.NotNil(t, replies[0].GetSucceeded())
				if data == nil {
					require.Nil(t, replies[0].GetSucceeded().Data)
				} else {
					got, err := replies[0].GetSucceeded().Data.UnmarshalNew()
					require.NoError(t, err)
					require.True(t, proto.Equal(data, got))
				}
				hasEffects(t, db, "reserved")
			})
		})
	}
}

func TestARefusedCommandLeavesNoEffectButItsReply(t *testing.T) {
	for name, refusal := range map[string]*fault.Error{
		"refused":   fault.Refuse("OUT_OF_STOCK", "only 2 are left"),
		"not found": fault.Missing("NO_SUCH_BASKET", "no basket basket-1"),
		"invalid":   fault.BadField("quantity", "must not be negative"),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				r := run(t, db, soon, onCommand(func(_ context.Context, word string) (proto.Message, error) {
					return durationpb.New(1), fmt.Errorf("reserving %s: %w", word, refusal)
				}))
				m := command(t, "reserved")
				all := []*wm.Message{m, m.Copy(), m.Copy()}
				r.deliver(all...)
				r.handled(all...)
				replies := repliesOf(t, db, m)
				require.Len(t, replies, 1)
				require.Equal(t, refusal.Reason, replies[0].GetFailed().Reason)
				require.Equal(t, refusal.Message, replies[0].GetFailed().Message)
				require.Empty(t, effectsOf(t, db))
				require.Empty(t, deferredOf(t, db))
				require.Empty(t, deadLettersOf(t, db))
				r.counted(map[string]int{"refused": 1, "copy": 2})
			})
		})
	}
}

func TestAConflictIsNoRefusal(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		fail := failing("reserved", 2, &fault.Error{Kind: fault.Conflict, Reason: store.ConflictReason, Message: "try again"})
		r := run(t, db, soon, onCommand(func(ctx context.Context, word string) (proto.Message, error) { return nil, fail(ctx, nil, word) }))
		m := command(t, "reserved")
		r.deliver(m)
		r.handled(m)
		replies := repliesOf(t, db, m)
		require.Len(t, replies, 1)
		require.NotNil(t, replies[0].GetSucceeded())
		hasEffects(t, db, "reserved")
	})
}

func TestAnAccidentIsNoRefusal(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onCommand(func(context.Context, string) (proto.Message, error) { return nil, errNotYet }))
		m := command(t, "reserved")
		r.deliver(m)
		r.handled(m)
		require.Equal(t, "not yet", deadLetterOf(t, db).err)
		require.Empty(t, sentOf(t, db))
		require.Empty(t, effectsOf(t, db))
	})
}

func TestACommandCanBeRefusedWhenItIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		early := failing("reserved", 1, errNotYet)
		r := run(t, db, soon, onCommand(func(ctx context.Context, word string) (proto.Message, error) {
			if err := early(ctx, nil, word); err != nil {
				return nil, err
			}
			return nil, fault.Refuse("OUT_OF_STOCK", "none are left")
		}))
		m := command(t, "reserved")
		r.deliver(m)
		r.handled(m)
		replies := repliesOf(t, db, m)
		require.Len(t, replies, 1)
		require.Equal(t, "OUT_OF_STOCK", replies[0].GetFailed().Reason)
		require.Empty(t, effectsOf(t, db))
		require.Empty(t, deferredOf(t, db))
		r.counted(map[string]int{"deferred": 1, "refused": 1})
	})
}

func TestACommandWhoseSenderWantsNoReplyGetsNone(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		refused := func(_ context.Context, word string) (proto.Message, error) {
			if word == "no" {
				return nil, fault.Refuse("NO", "no")
			}
			return nil, nil
		}
		r := run(t, db, soon, onCommand(refused))
		yes, no := word(t, "yes"), word(t, "no")
		r.deliver(yes, no)
		r.handled(yes, no)
		hasEffects(t, db, "yes")
		require.Empty(t, sentOf(t, db))
	})
}

func TestAReplyThatCanNotBeSentDoesNotStopTheStream(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onCommand(func(_ context.Context, word string) (proto.Message, error) {
			switch word {
			case "broken words": // are sent, mended
				return nil, fault.Refuse("NO", "no \xff")
			case "broken reason": // a mistake in the program
				return nil, fault.Refuse("\xff", "no")
			}
			return nil, nil
		}))
		for _, name := range []string{"broken words", "broken reason", "good"} {
			m := command(t, name)
			r.deliver(m)
			r.handled(m)
		}
		require.Contains(t, deadLetterOf(t, db).err, "UTF-8")
		hasEffects(t, db, "good")
		require.Len(t, sentOf(t, db), 2)
	})
}
