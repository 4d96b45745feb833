package redisstream

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// The names of consumers that are gone would pile up: pods have a new one after each rollout. A consumer is only deleted while nothing is
// pending for it, in one step, or entries that are delivered to it in between would be nobody's (redis#9745). One that lives all the same
// is made again by its next read.
var (
	// leaveScript: KEYS[1] stream, ARGV[1] group, ARGV[2] consumer.
	leaveScript = redis.NewScript(`
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1`)
	// forgetScript: KEYS[1] stream, ARGV[1] group, ARGV[2] idle time in ms.
	forgetScript = redis.NewScript(`
local gone = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    gone = gone + 1
  end
end
return gone`)
)

// leave deletes this consumer from its group, unless something is pending for it: then peers have to claim that first.
func (s *subscription) leave(ctx context.Context) {
	_, err := await(ctx, func(ctx context.Context) (any, error) {
		return leaveScript.Run(ctx, s.cfg.Client, []string{s.topic}, s.cfg.Group, s.consumer).Result()
	})
	if err != nil && !isNoGroup(err) {
		s.log.Info("the name of this consumer stays in its group until the janitor removes it", "error", err)
	}
}

// Forget removes from topic's groups the consumers that have read nothing for longer than idle and hold nothing, those of processes that
// were killed for example, and gives their number.
func (j *Janitor) Forget(ctx context.Context, topic string, idle time.Duration) (gone int64, err error) {
	return await(ctx, func(ctx context.Context) (int64, error) {
		groups, err := j.client.XInfoGroups(ctx, topic).Result()
		if isNoStream(err) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("list groups of stream %s: %w", topic, err)
		}
		var gone int64
		for _, group := range groups {
			n, err := forgetScript.Run(ctx, j.client, []string{topic}, group.Name, idle.Milliseconds()).Int64()
			if err != nil {
				return gone, fmt.Errorf("forget consumers of group %s on stream %s: %w", group.Name, topic, err)
			}
			gone += n
		}
		return gone, nil
	})
}
