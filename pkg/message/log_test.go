package message_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// logBook keeps the lines of a log.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// about gives the lines that name an id, without their time and level.
func (l *logBook) about(t testing.TB, id string) (lines []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for text := range strings.Lines(l.text.String()) {
		if strings.Contains(text, id) {
			var line map[string]any
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			for _, key := range []string{"time", "level", "stack", "error", "topic", "attempts"} {
				delete(line, key)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// logged runs a consumer that logs.
func logged(t testing.TB, db *store.DB, policy message.RetryPolicy, handlers ...message.Handler) (*running, *logBook) {
	t.Helper()
	book := &logBook{}
	return runWith(t, db, newBus(), slog.New(slog.NewJSONHandler(book, nil)), policy, handlers...), book
}

func TestTheLogTellsOfEachMessageOnceAndNeverWhatIsInIt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r, book := logged(t, db, soon, onWord(nil))
		m := encode(t, "order-1", wrapperspb.String("Ada Lovelace, +12025550123"))
		r.deliver(m, m.Copy())
		r.handled(m)
		again := m.Copy()
		r.deliver(again)
		r.handled(again)
		require.Equal(t, []map[string]any{{
			"msg": "message handled", "type": "google.protobuf.StringValue", "subject": "order-1", "correlation_id": "order-1",
			"message_id": m.UUID, "from": "sender",
		}}, book.about(t, "order-1"))
		require.Empty(t, book.about(t, "Lovelace"))
	})
}

func TestTheLogNamesTheStepOfASagaAndTheReasonOfARefusal(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r, book := logged(t, db, soon, onCommand(func(context.Context, string) (proto.Message, error) {
			return nil, fault.Refuse("CUSTOMER_DISABLED", "the customer is disabled")
		}))
		m := command(t, "word")
		r.deliver(m)
		r.handled(m)
		require.Equal(t, []map[string]any{{
			"msg": "command refused", "type": "google.protobuf.StringValue", "subject": "basket-1", "correlation_id": "basket-1",
			"message_id": m.UUID, "from": "sender", "saga": "checkout", "step": "reserve", "reason": "CUSTOMER_DISABLED",
		}}, book.about(t, "basket-1"))
	})
}

func TestTheLogTellsOfAFailureAndOfTheAttemptThatSucceeds(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r, book := logged(t, db, soon, onWord(failing("late", 1, errors.New("not yet"))))
		m := word(t, "late")
		r.deliver(m)
		r.handled(m)
		about := map[string]any{
			"type": "google.protobuf.StringValue", "subject": "late", "correlation_id": "late", "message_id": m.UUID,
		}
		with := func(more map[string]any) map[string]any {
			for key, value := range about {
				more[key] = value
			}
			return more
		}
		require.Eventually(t, func() bool { return len(book.about(t, "late")) == 2 }, patience, 1e6)
		require.Equal(t, []map[string]any{
			with(map[string]any{"msg": "message failed"}), with(map[string]any{"msg": "message handled", "from": "sender"}),
		}, book.about(t, "late"))
	})
}

func TestTheLogTellsWhatWasSentUnlessItsCauseIsThereAlready(t *testing.T) {
	book := &logBook{}
	log := slog.New(slog.NewJSONHandler(book, nil))
	asked := encode(t, "order-1", wrapperspb.String("secret"))
	message.LogSent(log, asked)
	out := message.Event(topic, "order-1", wrapperspb.String("secret"))
	out.Meta = out.Meta.Complete(message.WithCause(t.Context(), message.DecodeMeta(asked)), func() string { return "m-2" }, "sender", noon)
	caused, err := message.Encode(out)
	require.NoError(t, err)
	message.LogSent(log, caused)
	require.Equal(t, []map[string]any{{
		"msg": "message sent", "type": "google.protobuf.StringValue", "subject": "order-1", "correlation_id": "order-1", "message_id": asked.UUID,
	}}, book.about(t, "order-1"))

	quiet := &logBook{}
	message.LogSent(slog.New(slog.NewJSONHandler(quiet, &slog.HandlerOptions{Level: slog.LevelWarn})), asked)
	require.Empty(t, quiet.about(t, ""))
}
