package redisstream

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// LastID gives the highest entry id that the stream has ever held ("0-0" if none), also when that entry is trimmed away by now. A
// stream that does not exist gives exists false: what was in it is lost.
func LastID(ctx context.Context, client redis.UniversalClient, topic string) (id string, exists bool, err error) {
	info, err := await(ctx, func(ctx context.Context) (*redis.XInfoStream, error) {
		return client.XInfoStream(ctx, topic).Result()
	})
	switch {
	case isNoStream(err):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("read position of stream %s: %w", topic, err)
	case info.LastGeneratedID == "": // miniredis, for a stream that was made by its group
		return "0-0", true, nil
	}
	return info.LastGeneratedID, true, nil
}

// CompareIDs orders two entry ids ("milliseconds-sequence", or "milliseconds" alone) as Redis does: -1, 0 or +1. What is not an id, the
// empty string too, comes before every id.
func CompareIDs(a, b string) int {
	x, y := parseID(a), parseID(b)
	return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.ms, y.ms), cmp.Compare(x.seq, y.seq))
}

type entryID struct {
	rank    int // 0: not an id
	ms, seq uint64
}

func parseID(s string) entryID {
	left, right, both := strings.Cut(s, "-")
	ms, err := strconv.ParseUint(left, 10, 64)
	if err != nil {
		return entryID{}
	}
	if !both {
		return entryID{rank: 1, ms: ms}
	}
	seq, err := strconv.ParseUint(right, 10, 64)
	if err != nil {
		return entryID{}
	}
	return entryID{rank: 1, ms: ms, seq: seq}
}

// nextID gives the smallest id above id.
func nextID(id string) string {
	at := parseID(id)
	if at.seq == math.MaxUint64 {
		return fmt.Sprintf("%d-0", at.ms+1)
	}
	return fmt.Sprintf("%d-%d", at.ms, at.seq+1)
}

// isNoStream reports whether err says that the key does not exist. Redis has no code for it but ERR, which go-redis takes off.
func isNoStream(err error) bool {
	return redis.HasErrorPrefix(err, "no such key")
}

// isNoGroup reports whether err says that the stream or its group is gone. UNBLOCKED is what a blocked reader is told when the stream
// is deleted under it (Redis 7).
func isNoGroup(err error) bool {
	return redis.HasErrorPrefix(err, "NOGROUP") || redis.HasErrorPrefix(err, "UNBLOCKED")
}
