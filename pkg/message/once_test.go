package message_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("word-%03d", i))
	}
	return names
}

func TestACopyIsDropped(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(nil))
		m := word(t, "once")
		r.deliver(m)
		r.handled(m)
		for range 5 {
			again := m.Copy()
			r.deliver(again)
			r.handled(again)
		}
		hasEffects(t, db, "once")
		require.Len(t, sentOf(t, db), 1)
		r.counted(map[string]int{"handled": 1, "copy": 5})
	})
}

func TestCopiesWithinOneBatchTakeEffectOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		h := newHolder()
		r := run(t, db, soon, onWord(nil), h.handler())
		release := r.hold(h, "same")
		var batch []*wm.Message
		for _, name := range numbered(10) {
			m := encode(t, "same", wrapperspb.String(name))
			batch = append(batch, m, m.Copy(), m.Copy())
		}
		r.deliver(batch...)
		r.gathered(len(batch))
		release()
		r.handled(batch...)
		hasEffects(t, db, numbered(10)...)
		require.Len(t, sentOf(t, db), 10)
	})
}

func TestCopiesOnTwoConsumersOfOneDatabaseTakeEffectOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		// Each word fails once: copies also meet while one of them is put off.
		replicas := []*running{
			run(t, db, soon, onWord(failing("word-007", 1, errors.New("not yet")))),
			run(t, db, soon, onWord(failing("word-070", 1, errors.New("not yet")))),
		}
		originals := words(t, numbered(150)...)
		shuffle := rand.New(rand.NewPCG(1, 2))
		for _, r := range replicas {
			var copies []*wm.Message
			for _, m := range originals {
				copies = append(copies, m.Copy(), m.Copy())
			}
			shuffle.Shuffle(len(copies), func(i, j int) { copies[i], copies[j] = copies[j], copies[i] })
			r.deliver(copies...)
			defer r.handled(copies...)
		}
		hasEffects(t, db, numbered(150)...)
		require.Len(t, sentOf(t, db), 150)
	})
}

func TestWhatAHandlerSendsIsInItsUnitOfWork(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(failing("sent", 2, errors.New("not yet"))))
		m := word(t, "sent")
		r.deliver(m)
		r.handled(m)
		hasEffects(t, db, "sent")
		sent := sentOf(t, db)
		require.Len(t, sent, 1, "attempts that failed sent nothing")
		require.Equal(t, "tests.echo", sent[0].topic)
		require.Equal(t, m.UUID, sent[0].meta.CausationID)
		require.Equal(t, message.DecodeMeta(m).CorrelationID, sent[0].meta.CorrelationID)
	})
}

func TestAConsumerReadsFromAnyWatermillSubscriber(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		pubSub := gochannel.NewGoChannel(gochannel.Config{Persistent: true}, watermill.NopLogger{})
		originals := words(t, numbered(50)...)
		for _, m := range originals {
			require.NoError(t, pubSub.Publish(topic, m, m.Copy()))
		}
		runOn(t, db, pubSub, soon, onWord(failing("word-013", 1, errors.New("not yet"))))
		hasEffects(t, db, numbered(50)...)
	})
}

func TestATopicHasItsOwnHandlers(t *testing.T) {
	db := storetest.Open(t, message.Schema, effects)
	r := &running{t: t, bus: newBus(), ended: make(chan error, 1)}
	r.consumer = newConsumer(db, r.bus)
	saying := func(what string) message.Handler {
		return message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event *wrapperspb.StringValue) error {
			effect(tx, what+" "+event.Value)
			return nil
		})
	}
	r.consumer.Handle("hellos", saying("hello"))
	r.consumer.Handle("goodbyes", saying("goodbye"))
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(t.Context())
	go func() { r.ended <- r.consumer.Run(ctx) }()
	defer r.stop()
	moon, sun := word(t, "moon"), word(t, "sun")
	r.channel("hellos") <- sun
	r.channel("goodbyes") <- moon
	r.handled(sun, moon)
	hasEffects(t, db, "goodbye moon", "hello sun")
}

func TestTheInboxForgetsWhatNoOutboxSendsAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		now := time.Now()
		for id, age := range map[string]time.Duration{"old": 7*24*time.Hour + time.Minute, "young": 7*24*time.Hour - time.Minute} {
			exec(t, db, `INSERT INTO inbox (message_id, handled_at) VALUES ($1, $2)`, id, now.Add(-age))
		}
		run(t, db, soon, onWord(nil))
		inbox := func() []string { return query(t, db, text, `SELECT message_id FROM inbox`) }
		require.Eventually(t, func() bool { return len(inbox()) < 2 }, patience, time.Millisecond)
		require.Equal(t, []string{"young"}, inbox())
	})
}
