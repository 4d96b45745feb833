package message_test

import (
	"context"
	"encoding/json"
	"sort"
	"testing"
	"time"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// What the tests see of the database.

func query[T any](t testing.TB, db *store.DB, scan func(row *store.Rows) (T, error), sql string) (all []T) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = store.All(ctx, tx, scan, sql)
		return err
	}))
	return all
}

func exec(t testing.TB, db *store.DB, sql string, args ...any) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}))
}

func text(row *store.Rows) (s string, err error) { return s, row.Scan(&s) }

// effectsOf gives the names of all effects, sorted.
func effectsOf(t testing.TB, db *store.DB) []string {
	t.Helper()
	names := query(t, db, text, `SELECT name FROM effects`)
	sort.Strings(names)
	return names
}

// hasEffects waits until the effects are these, sorted, and nothing waits to be tried again.
func hasEffects(t testing.TB, db *store.DB, names ...string) {
	t.Helper()
	sort.Strings(names)
	require.Eventually(t, func() bool { return len(effectsOf(t, db)) >= len(names) && len(deferredOf(t, db)) == 0 }, patience, time.Millisecond)
	require.Equal(t, names, effectsOf(t, db))
}

type sentMessage struct {
	topic   string
	meta    message.Meta
	payload []byte
}

func (s sentMessage) decode(t testing.TB, into proto.Message) {
	t.Helper()
	require.Equal(t, message.TypeOf(into), s.meta.Type)
	require.NoError(t, proto.Unmarshal(s.payload, into))
}

func sentOf(t testing.TB, db *store.DB) []sentMessage {
	t.Helper()
	return query(t, db, func(row *store.Rows) (s sentMessage, err error) {
		m := wm.NewMessage("", nil)
		var metadata string
		if err := row.Scan(&m.UUID, &s.topic, &metadata, &s.payload); err != nil {
			return s, err
		}
		err = json.Unmarshal([]byte(metadata), &m.Metadata)
		s.meta = message.DecodeMeta(m)
		return s, err
	}, `SELECT id, topic, metadata, payload FROM sent`)
}

func deferredOf(t testing.TB, db *store.DB) []string {
	t.Helper()
	return query(t, db, text, `SELECT message_id FROM deferred`)
}

type deadLetter struct {
	id, topic         string
	metadata          wm.Metadata
	payload           []byte
	attempts          int
	err, stack        string
	firstAt, failedAt time.Time
}

func deadLettersOf(t testing.TB, db *store.DB) []deadLetter {
	t.Helper()
	return query(t, db, func(row *store.Rows) (d deadLetter, err error) {
		var metadata []byte
		if err := row.Scan(&d.id, &d.topic, &metadata, &d.payload, &d.attempts, &d.err, &d.stack, &d.firstAt, &d.failedAt); err != nil {
			return d, err
		}
		return d, json.Unmarshal(metadata, &d.metadata)
	}, `SELECT message_id, topic, metadata, payload, attempts, error, stack, first_at, failed_at FROM dead_letters`)
}

// deadLetterOf waits for the only dead letter.
func deadLetterOf(t testing.TB, db *store.DB) deadLetter {
	t.Helper()
	var found []deadLetter
	require.Eventually(t, func() bool { found = deadLettersOf(t, db); return len(found) > 0 }, patience, time.Millisecond)
	require.Len(t, found, 1)
	require.Empty(t, deferredOf(t, db), "a dead letter is not tried again")
	return found[0]
}

// counted waits until the messages are counted so, which is after they are committed.
func (r *running) counted(results map[string]int) {
	r.t.Helper()
	require.EventuallyWithT(r.t, func(t *assert.CollectT) { assert.Equal(t, results, r.results()) }, patience, time.Millisecond)
}

// results counts messages by type and result, as the metrics tell.
func (r *running) results() map[string]int {
	r.t.Helper()
	families, err := r.registry.Gather()
	require.NoError(r.t, err)
	counts := map[string]int{}
	for _, family := range families {
		if family.GetName() != "messages_consumed_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "result" {
					counts[label.GetValue()] += int(metric.GetCounter().GetValue())
				}
			}
		}
	}
	return counts
}
