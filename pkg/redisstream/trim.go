package redisstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"mallbots.example/pkg/clock"
)

// Janitor removes the entries that nobody needs any more, and the names of consumers that are gone.
type Janitor struct {
	client    redis.UniversalClient
	retention time.Duration
	clock     clock.Clock
}

// NewJanitor keeps every entry for at least retention, whoever has acknowledged it: that is how long a new group can still find it.
func NewJanitor(client redis.UniversalClient, retention time.Duration, clk clock.Clock) (*Janitor, error) {
	switch {
	case client == nil:
		return nil, errors.New("redisstream: Janitor needs a Redis client")
	case retention < 0:
		return nil, fmt.Errorf("redisstream: retention %v is negative", retention)
	case clk == nil:
		return nil, errors.New("redisstream: Janitor needs a clock")
	}
	return &Janitor{client: client, retention: retention, clock: clk}, nil
}

// Trim removes from topic's stream what every group has acknowledged and is older than the retention, and gives the number of entries
// removed. It never removes an entry that some group has yet to read or acknowledge, nor the newest one; a stream without groups is left
// alone, because nobody has read it yet.
func (j *Janitor) Trim(ctx context.Context, topic string) (removed int64, err error) {
	return await(ctx, func(ctx context.Context) (int64, error) {
		boundary, err := j.boundary(ctx, topic)
		if err != nil || boundary == "" {
			return 0, err
		}
		removed, err := j.client.XTrimMinID(ctx, topic, boundary).Result()
		if err != nil {
			return 0, fmt.Errorf("trim stream %s: %w", topic, err)
		}
		return removed, nil
	})
}

// boundary is the id below which nobody needs an entry, or "" when nothing may be removed.
func (j *Janitor) boundary(ctx context.Context, topic string) (string, error) {
	groups, err := j.client.XInfoGroups(ctx, topic).Result()
	if isNoStream(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("list groups of stream %s: %w", topic, err)
	}
	if len(groups) == 0 {
		return "", nil
	}

	// The newest entry stays: its id is the stream's position, and some servers forget it with the entry.
	newest, err := j.client.XRevRangeN(ctx, topic, "+", "-", 1).Result()
	if err != nil {
		return "", fmt.Errorf("read newest entry of stream %s: %w", topic, err)
	}
	if len(newest) == 0 {
		return "", nil
	}

	boundary := newest[0].ID
	if old := strconv.FormatInt(max(0, j.clock.Now().Add(-j.retention).UnixMilli()), 10); CompareIDs(old, boundary) < 0 {
		boundary = old
	}
	for _, group := range groups {
		done, err := j.acknowledged(ctx, topic, group)
		if err != nil {
			return "", err
		}
		if CompareIDs(done, boundary) < 0 {
			boundary = done
		}
	}
	return boundary, nil
}

// acknowledged is the id below which group has acknowledged every entry. It stays true while the group goes on: what is read after
// XINFO is above its last-delivered id, and what was pending then can only become less.
func (j *Janitor) acknowledged(ctx context.Context, topic string, group redis.XInfoGroup) (string, error) {
	if group.Pending > 0 {
		pending, err := j.client.XPending(ctx, topic, group.Name).Result()
		if err != nil {
			return "", fmt.Errorf("read pending entries of group %s on stream %s: %w", group.Name, topic, err)
		}
		if pending.Count > 0 {
			return pending.Lower, nil
		}
	}
	return nextID(group.LastDeliveredID), nil
}
