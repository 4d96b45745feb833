package redisstream

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
)

// maxCounted bounds what is fetched to be counted, where Redis can't tell the lag: some hundred KiB of the mall's messages, once in a
// gauge.Interval.
const maxCounted = 500

// Waiting is what a consumer group has before it.
type Waiting struct {
	// Messages have been delivered to nobody yet, or to somebody who has not acknowledged them.
	Messages int64
	// Since is when the oldest of them was added, by the clock of Redis; the zero time when none waits.
	Since time.Time
}

// WaitingFor asks what waits for group on topic. known is false while the stream or its group is not there: a consumer makes both.
func WaitingFor(ctx context.Context, client redis.UniversalClient, topic, group string) (waiting Waiting, known bool, err error) {
	type answer struct {
		waiting Waiting
		known   bool
	}
	a, err := await(ctx, func(ctx context.Context) (a answer, err error) {
		a.waiting, a.known, err = waitingFor(ctx, client, topic, group)
		return a, err
	})
	if err != nil {
		return Waiting{}, false, fmt.Errorf("what waits for group %s on stream %s: %w", group, topic, err)
	}
	return a.waiting, a.known, nil
}

func waitingFor(ctx context.Context, client redis.UniversalClient, topic, group string) (waiting Waiting, known bool, err error) {
	groups, err := client.XInfoGroups(ctx, topic).Result()
	if isNoStream(err) {
		return Waiting{}, false, nil
	}
	if err != nil {
		return Waiting{}, false, err
	}
	for _, g := range groups {
		if g.Name == group {
			waiting, err = waitingIn(ctx, client, topic, g)
			return waiting, err == nil, err
		}
	}
	return Waiting{}, false, nil
}

func waitingIn(ctx context.Context, client redis.UniversalClient, topic string, group redis.XInfoGroup) (Waiting, error) {
	undelivered, oldest, err := undelivered(ctx, client, topic, group)
	if err != nil {
		return Waiting{}, err
	}
	if group.Pending > 0 { // older than all that is not delivered
		pending, err := client.XPending(ctx, topic, group.Name).Result()
		if err != nil {
			return Waiting{}, err
		}
		if pending.Count > 0 { // else acknowledged meanwhile
			oldest = pending.Lower
		}
		undelivered += pending.Count
	}
	return Waiting{Messages: undelivered, Since: addedAt(oldest)}, nil
}

// undelivered counts what nobody in the group was given yet, and gives the oldest of it. Redis 7 knows the number, unless entries were
// deleted from the middle of the stream or the group has not read anything yet; older servers, and miniredis, don't. Then it is counted,
// up to maxCounted.
func undelivered(ctx context.Context, client redis.UniversalClient, topic string, group redis.XInfoGroup) (n int64, oldest string, err error) {
	told := group.EntriesRead > 0 && group.Lag >= 0
	if told && group.Lag == 0 {
		return 0, "", nil
	}
	limit := int64(maxCounted)
	if told {
		limit = 1
	}
	entries, err := client.XRangeN(ctx, topic, nextID(group.LastDeliveredID), "+", limit).Result()
	if err != nil || len(entries) == 0 { // delivered meanwhile
		return 0, "", err
	}
	if told {
		return group.Lag, entries[0].ID, nil
	}
	return int64(len(entries)), entries[0].ID, nil
}

// addedAt is the time in an id that Redis made.
func addedAt(id string) time.Time {
	at := parseID(id)
	if at.rank == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(at.ms)).UTC()
}

// LagGauges tells what waits for a group on each of its topics.
func LagGauges(client redis.UniversalClient, group string, clk clock.Clock, topics ...string) gauge.Source {
	waiting := prometheus.NewDesc("messages_waiting",
		"Messages in the stream that the service has not read or not acknowledged; the same from every replica.", []string{"topic"}, nil)
	age := prometheus.NewDesc("messages_waiting_oldest_age_seconds",
		"For how long the oldest of them has been in the stream, 0 when there is none; the same from every replica.", []string{"topic"}, nil)
	return gauge.Source{
		Name: "streams", Descs: []*prometheus.Desc{waiting, age},
		Look: func(ctx context.Context) (figures []prometheus.Metric, err error) {
			for _, topic := range topics {
				w, known, err := WaitingFor(ctx, client, topic, group)
				if err != nil {
					return nil, err
				}
				if known {
					figures = append(figures,
						gauge.Of(waiting, float64(w.Messages), topic), gauge.Of(age, gauge.Age(clk.Now(), w.Since), topic))
				}
			}
			return figures, nil
		},
	}
}
