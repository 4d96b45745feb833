package redisstream

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// maxAckBatch is the most ids of one XACK: about 20 kB, a fraction of a millisecond for Redis.
const maxAckBatch = 1000

// acknowledge sends acks until the channel is closed. Each XACK takes what has come in during the one before, like a group commit: a
// single ack does not wait, many share a round trip.
func (s *subscription) acknowledge(ctx context.Context) {
	batch := make([]string, 0, maxAckBatch)
	for id := range s.acks {
		batch = s.collect(append(batch[:0], id))
		s.xack(ctx, batch)
	}
}

// collect adds the acks at hand to batch.
func (s *subscription) collect(batch []string) []string {
	for len(batch) < maxAckBatch {
		select {
		case id, open := <-s.acks:
			if !open {
				return batch
			}
			batch = append(batch, id)
		default:
			return batch
		}
	}
	return batch
}

// xack tries until Redis has answered or ctx is done; meanwhile the ids are held, so that nobody takes them over. It succeeds without
// the group, too: then there is nothing to acknowledge.
func (s *subscription) xack(ctx context.Context, ids []string) {
	for failures := 0; ; failures++ {
		_, err := await(ctx, func(ctx context.Context) (int64, error) {
			return s.cfg.Client.XAck(ctx, s.topic, s.cfg.Group, ids...).Result()
		})
		if err == nil || isNoGroup(err) || redis.HasErrorPrefix(err, "WRONGTYPE") {
			s.held.remove(ids...)
			return
		}
		if ctx.Err() != nil {
			s.log.Warn("acks are lost, the messages will be delivered again", "messages", len(ids), "error", err)
			return
		}
		wait := backoff(reconnectBackoffMin, reconnectBackoffMax, failures)
		s.log.Warn("acknowledging to Redis fails, will try again", "messages", len(ids), "error", err, "wait", wait)
		pause(ctx, wait)
	}
}
