package redisstream_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/redisstream"
)

func waitingFor(t *testing.T, client redis.UniversalClient, topic, group string) redisstream.Waiting {
	t.Helper()
	waiting, known, err := redisstream.WaitingFor(t.Context(), client, topic, group)
	require.NoError(t, err)
	require.True(t, known)
	return waiting
}

// second is when the n-th of the testEntries was added.
func second(n int64) time.Time { return time.Unix(n, 0).UTC() }

func TestWhatIsNotReadAndWhatIsNotAcknowledgedWaits(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "new", 0)
		read(t, client, topic, "busy", 3, testEntries[0])
		read(t, client, topic, "behind", 3, testEntries[:3]...)
		read(t, client, topic, "done", 5, testEntries...)
		require.Equal(t, redisstream.Waiting{Messages: 5, Since: second(1)}, waitingFor(t, client, topic, "new"))
		require.Equal(t, redisstream.Waiting{Messages: 4, Since: second(2)}, waitingFor(t, client, topic, "busy"))
		require.Equal(t, redisstream.Waiting{Messages: 2, Since: second(4)}, waitingFor(t, client, topic, "behind"))
		require.Equal(t, redisstream.Waiting{}, waitingFor(t, client, topic, "done"))
	})
}

func TestWhatWaitsIsCountedWhereRedisCannotTell(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "behind", 2, testEntries[:2]...)
		require.NoError(t, client.XDel(t.Context(), topic, testEntries[3]).Err()) // from here on Redis says nil
		require.Equal(t, redisstream.Waiting{Messages: 2, Since: second(3)}, waitingFor(t, client, topic, "behind"))
	})
}

func TestCountingHasALimit(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, numbered("m", redisstream.MaxCounted+1)...)
		read(t, client, topic, "new", 0)
		require.EqualValues(t, redisstream.MaxCounted, waitingFor(t, client, topic, "new").Messages)
	})
}

func TestNothingIsKnownOfAStreamOrGroupThatIsNotThere(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		_, known, err := redisstream.WaitingFor(t.Context(), client, topic, "service")
		require.NoError(t, err)
		require.False(t, known)
		addEntries(t, client, topic)
		_, known, err = redisstream.WaitingFor(t.Context(), client, topic, "service")
		require.NoError(t, err)
		require.False(t, known)
	})
}

func TestTheLagIsAGaugeByTopic(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic, missing := aTopic(t, client), aTopic(t, client)
		addEntries(t, client, topic)
		read(t, client, topic, "service", 3, testEntries[:3]...)
		board := gauge.NewBoard(slog.New(slog.DiscardHandler),
			redisstream.LagGauges(client, "service", clock.NewManual(time.Unix(10, 0)), topic, missing))
		board.Look(t.Context())
		require.NoError(t, testutil.CollectAndCompare(board, strings.NewReader(`
# HELP messages_waiting Messages in the stream that the service has not read or not acknowledged; the same from every replica.
# TYPE messages_waiting gauge
messages_waiting{topic="`+topic+`"} 2
# HELP messages_waiting_oldest_age_seconds For how long the oldest of them has been in the stream, 0 when there is none; the same from every replica.
# TYPE messages_waiting_oldest_age_seconds gauge
messages_waiting_oldest_age_seconds{topic="`+topic+`"} 6
`)))
	})
}

func TestARedisThatIsAwayTellsNothing(t *testing.T) {
	client := connect(t, "redis://127.0.0.1:1")
	_, _, err := redisstream.WaitingFor(t.Context(), client, "topic", "service")
	require.ErrorContains(t, err, "what waits for group service on stream topic")
}
