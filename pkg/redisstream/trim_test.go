package redisstream_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/redisstream"
)

// The entries of these tests have the ids 1000-0 to 5000-0: one a second from 00:00:01 of 1970.
var testEntries = []string{"1000-0", "2000-0", "3000-0", "4000-0", "5000-0"}

func addEntries(t *testing.T, client redis.UniversalClient, topic string) {
	t.Helper()
	for _, id := range testEntries {
		require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: topic, ID: id, Values: []any{"f", "v"}}).Err())
	}
}

// read lets a group read n entries, and ack those of the given ids.
func read(t *testing.T, client redis.UniversalClient, topic, group string, n int64, acked ...string) {
	t.Helper()
	require.NoError(t, client.XGroupCreateMkStream(t.Context(), topic, group, "0").Err())
	if n > 0 {
		require.NoError(t, client.XReadGroup(t.Context(), &redis.XReadGroupArgs{
			Group: group, Consumer: "c", Streams: []string{topic, ">"}, Count: n, Block: -1,
		}).Err())
	}
	if len(acked) > 0 {
		require.NoError(t, client.XAck(t.Context(), topic, group, acked...).Err())
	}
}

// trimmed runs a janitor at a time when each entry is older than a day, and gives what is left.
func trimmed(t *testing.T, client redis.UniversalClient, topic string, retention time.Duration) (removed int64, left []string) {
	t.Helper()
	janitor, err := redisstream.NewJanitor(client, retention, clock.NewManual(time.Unix(86_400, 0)))
	require.NoError(t, err)
	removed, err = janitor.Trim(t.Context(), topic)
	require.NoError(t, err)
	entries, err := client.XRange(t.Context(), topic, "-", "+").Result()
	require.NoError(t, err)
	for _, entry := range entries {
		left = append(left, entry.ID)
	}
	return removed, left
}

// H3
func TestNothingIsTrimmedThatAGroupHasNotRead(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "fast", 5, testEntries...)
		read(t, client, topic, "slow", 2, testEntries[:2]...)
		removed, left := trimmed(t, client, topic, time.Minute)
		assert.EqualValues(t, 2, removed)
		assert.Equal(t, testEntries[2:], left)
	})
}

func TestNothingIsTrimmedBeforeAGroupHasReadAtAll(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "fast", 5, testEntries...)
		read(t, client, topic, "new", 0)
		removed, left := trimmed(t, client, topic, 0)
		assert.Zero(t, removed)
		assert.Equal(t, testEntries, left)
	})
}

func TestNothingIsTrimmedThatWaitsForItsAck(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "group", 4, "1000-0", "3000-0", "4000-0")
		removed, left := trimmed(t, client, topic, 0)
		assert.EqualValues(t, 1, removed)
		assert.Equal(t, testEntries[1:], left, "2000-0 is pending")
	})
}

func TestNothingIsTrimmedBeforeItsRetention(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "group", 5, testEntries...)
		removed, left := trimmed(t, client, topic, 24*time.Hour-3*time.Second)
		assert.EqualValues(t, 2, removed)
		assert.Equal(t, testEntries[2:], left, "from second 3 on")
	})
}

func TestAStreamWithoutGroupsIsNotTrimmed(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		removed, left := trimmed(t, client, topic, 0)
		assert.Zero(t, removed, "no stream at all")
		assert.Empty(t, left)
		addEntries(t, client, topic)
		removed, left = trimmed(t, client, topic, 0)
		assert.Zero(t, removed)
		assert.Equal(t, testEntries, left)
	})
}

func TestTheNewestEntryStaysAndWithItThePosition(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		read(t, client, topic, "early", 0)
		removed, left := trimmed(t, client, topic, 0)
		assert.Zero(t, removed, "an empty stream")
		assert.Empty(t, left)

		addEntries(t, client, topic)
		require.NoError(t, client.XGroupDestroy(t.Context(), topic, "early").Err())
		read(t, client, topic, "group", 5, testEntries...)
		removed, left = trimmed(t, client, topic, 0)
		assert.EqualValues(t, 4, removed)
		assert.Equal(t, []string{"5000-0"}, left)
	})
}

func TestTrimmingTellsWhatIsWrong(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		require.NoError(t, client.Set(t.Context(), topic, "no stream", time.Minute).Err())
		janitor, err := redisstream.NewJanitor(client, 0, clock.System{})
		require.NoError(t, err)
		_, err = janitor.Trim(t.Context(), topic)
		require.ErrorContains(t, err, topic)
		_, _, err = redisstream.LastID(t.Context(), client, topic)
		require.ErrorContains(t, err, topic)
	})
}

func TestAJanitorNeedsItsParts(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = client.Close() })
	for name, make := range map[string]func() (*redisstream.Janitor, error){
		"client":   func() (*redisstream.Janitor, error) { return redisstream.NewJanitor(nil, 0, clock.System{}) },
		"negative": func() (*redisstream.Janitor, error) { return redisstream.NewJanitor(client, -1, clock.System{}) },
		"clock":    func() (*redisstream.Janitor, error) { return redisstream.NewJanitor(client, 0, nil) },
	} {
		_, err := make()
		require.ErrorContains(t, err, name)
	}
}

func TestThePositionIsTheHighestIDEver(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		position := func() (string, bool) {
			id, exists, err := redisstream.LastID(t.Context(), client, topic)
			require.NoError(t, err)
			return id, exists
		}
		_, exists := position()
		assert.False(t, exists)

		read(t, client, topic, "group", 0)
		id, exists := position()
		assert.True(t, exists)
		assert.Equal(t, "0-0", id, "a stream that has a group and was never written to")

		addEntries(t, client, topic)
		id, _ = position()
		assert.Equal(t, "5000-0", id)
		require.NoError(t, client.XTrimMaxLen(t.Context(), topic, 0).Err())
		id, exists = position()
		assert.True(t, exists)
		assert.Equal(t, "5000-0", id, "also when it is trimmed away")
	})
}
