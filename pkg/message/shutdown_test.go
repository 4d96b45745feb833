package message_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

func TestRunFinishesWhatIsInFlightAndReturns(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		h := newHolder()
		r := run(t, db, soon, onWord(nil), h.handler())
		release := r.hold(h, "same")
		batch := batchOf(t, "a", "b", "c")
		r.deliver(batch...)
		r.gathered(len(batch))
		r.cancel()
		release()
		r.handled(batch...)
		require.NoError(t, wait(t, r.ended, "Run to return"))
		r.ended <- nil
		hasEffects(t, db, "a", "b", "c")
	})
}

func TestTheEndOfRunDoesNotInterruptAHandler(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		entered, release := make(chan struct{}), make(chan struct{})
		r := run(t, db, once, onWord(func(ctx context.Context, _ *store.Tx, _ string) error {
			close(entered)
			<-release
			return ctx.Err()
		}))
		m := word(t, "finished")
		r.deliver(m)
		wait(t, entered, "the handler")
		r.cancel()
		close(release)
		r.handled(m)
		hasEffects(t, db, "finished")
	})
}

func TestAMessageThatWaitsAtShutdownIsGivenBackNotLost(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		asked := make(chan struct{}, 1000)
		first := run(t, db, once, onWord(func(context.Context, *store.Tx, string) error {
			asked <- struct{}{}
			return status.Error(codes.Unavailable, "away")
		}))
		batch := batchOf(t, "a", "b", "c")
		first.deliver(batch...)
		wait(t, asked, "an attempt")
		first.stop()
		second := run(t, db, once, onWord(nil))
		for _, m := range batch {
			select {
			case <-m.Acked():
				t.Fatal("acknowledged without effect")
			default: // given back, or never taken
			}
			again := m.Copy() // which is what the broker does
			second.deliver(again)
			second.handled(again)
		}
		hasEffects(t, db, "a", "b", "c")
	})
}

func TestADatabaseAwayAtShutdownGivesMessagesBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		h := newHolder()
		r := run(t, db, once, onWord(nil), h.handler())
		held := encode(t, "same", durationpb.New(0))
		r.deliver(held)
		wait(t, h.entered, "the lane to be held up")
		batch := batchOf(t, "a", "b", "c")
		r.deliver(batch...)
		r.gathered(len(batch))
		require.NoError(t, db.Close())
		h.release <- struct{}{}
		r.stop()
		for _, m := range batch {
			wait(t, m.Nacked(), "the message to be given back")
		}
	})
}

func TestRunWaitsOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, message.Schema, effects)
		r := run(t, db, soon, onWord(func(ctx context.Context, _ *store.Tx, _ string) error {
			<-ctx.Done() // the end of the unit's time, or of the consumer's patience
			return ctx.Err()
		}))
		m := word(t, "slow")
		r.deliver(m)
		synctest.Wait()
		stopped := time.Now()
		r.stop()
		require.Equal(t, message.CloseTimeout, time.Since(stopped))
		synctest.Wait()
		<-m.Nacked()
	})
}

func TestAConsumerWithoutHandlersWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	consumer := newConsumer(storetest.Open(t, message.Schema), newBus())
	go func() { ended <- consumer.Run(ctx) }()
	select {
	case <-ended:
		t.Fatal("it ended by itself")
	default:
	}
	cancel()
	require.NoError(t, wait(t, ended, "Run to return"))
}

func TestTwoHandlersForOneTypePanic(t *testing.T) {
	consumer := newConsumer(storetest.Open(t, message.Schema), newBus())
	consumer.Handle(topic, onWord(nil))
	consumer.Handle("another", onWord(nil))
	require.PanicsWithValue(t, "message: two handlers for google.protobuf.StringValue on tests.events", func() {
		consumer.Handle(topic, onWord(nil))
	})
	require.Panics(t, func() {
		consumer.Handle("a third", onWord(nil), message.OnEvent(
			func(context.Context, *store.Tx, message.Meta, *wrapperspb.StringValue) error { return nil }))
	})
}

// brokenSubscriber ends its subscriptions at once, or gives err instead of one.
type brokenSubscriber struct{ err error }

func (b brokenSubscriber) Subscribe(context.Context, string) (<-chan *wm.Message, error) {
	c := make(chan *wm.Message)
	close(c)
	return c, b.err
}

func (brokenSubscriber) Close() error { return nil }

func TestRunTellsThatItCanNotGoOn(t *testing.T) {
	for name, broken := range map[string]brokenSubscriber{"no subscription": {errors.New("no such stream")}, "the subscription ended": {}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				consumer := newConsumer(db, broken)
				consumer.Handle(topic, onWord(nil))
				ended := make(chan error, 1)
				go func() { ended <- consumer.Run(t.Context()) }()
				require.Error(t, wait(t, ended, "Run to return, so that it can be started again"))
			})
		})
	}
}

// flakySubscriber is broken in its own way for each of broken, then works.
type flakySubscriber struct {
	*bus
	broken []brokenSubscriber
}

func (f *flakySubscriber) Subscribe(ctx context.Context, topic string) (<-chan *wm.Message, error) {
	if len(f.broken) == 0 {
		return f.bus.Subscribe(ctx, topic)
	}
	broken := f.broken[0]
	f.broken = f.broken[1:]
	return broken.Subscribe(ctx, topic)
}

func TestRunCanBeStartedAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		flaky := &flakySubscriber{bus: newBus(), broken: []brokenSubscriber{{errors.New("Redis is away")}, {}, {}}}
		consumer := newConsumer(db, flaky)
		consumer.Handle(topic, onWord(nil))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			for range 3 {
				if consumer.Run(ctx) == nil {
					t.Error("Run of a broken subscription says that all is well")
				}
			}
			ended <- consumer.Run(ctx)
		}()
		m := word(t, "at last")
		flaky.deliver(m)
		wait(t, m.Acked(), "the message to be handled")
		wait(t, consumer.Running(), "the consumer to say that it listens")
		cancel()
		require.NoError(t, wait(t, ended, "Run to return"))
		hasEffects(t, db, "at last")
	})
}
