package redisstream

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// pendingPage is the most pending entries listed, and then claimed, in one command: about the size of an XACK.
const pendingPage = 1000

// keepAlive renews the claims on what is held, so that a peer takes nothing that is being handled, waits behind it, or waits for its
// next try (H5, S1, S3). It goes on while a subscription drains.
func (s *subscription) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(s.cfg.KeepAliveInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			lowest, highest := s.held.bounds()
			if lowest == "" {
				continue
			}
			if err := s.claimAgain(ctx, lowest, highest, s.held.has, 0); err != nil && ctx.Err() == nil && !isNoGroup(err) {
				s.log.Warn("renewing claims fails, will try again", "error", err, "wait", s.cfg.KeepAliveInterval)
			}
		}
	}
}

// handBack makes the entries that this consumer has taken but not begun, or was nacked, look abandoned: peers take them at their next
// search instead of after ClaimIdle. It includes entries whose read was cut off on its way. Those still being handled are left out.
func (s *subscription) handBack(ctx context.Context) {
	for len(s.queue) > 0 { // nobody else is left to send or receive
		s.giveUp(<-s.queue)
	}
	free := func(id string) bool { return !s.held.has(id) }
	if err := s.claimAgain(ctx, "-", "+", free, s.cfg.ClaimIdle); err != nil && !isNoGroup(err) {
		s.log.Warn("entries can't be handed back, they wait until they are claimed", "error", err, "wait", s.cfg.ClaimIdle)
	}
}

// claimAgain sets the idle time of this consumer's pending entries from lowest to highest that wanted says. Only what Redis lists as
// still this consumer's is claimed: after a long pause of the process the others are a peer's, and stay it.
func (s *subscription) claimAgain(ctx context.Context, lowest, highest string, wanted func(id string) bool, idle time.Duration) error {
	for {
		page, err := await(ctx, func(ctx context.Context) ([]redis.XPendingExt, error) {
			return s.cfg.Client.XPendingExt(ctx, &redis.XPendingExtArgs{
				Stream: s.topic, Group: s.cfg.Group, Consumer: s.consumer, Start: lowest, End: highest, Count: pendingPage,
			}).Result()
		})
		if err != nil {
			return err
		}
		// JUSTID leaves the count of deliveries alone. go-redis has no IDLE in XClaimArgs.
		claim := []any{"xclaim", s.topic, s.cfg.Group, s.consumer, 0}
		bare := len(claim)
		for _, entry := range page {
			if wanted(entry.ID) {
				claim = append(claim, entry.ID)
			}
		}
		if len(claim) > bare {
			claim = append(claim, "idle", idle.Milliseconds(), "justid")
			if _, err := await(ctx, func(ctx context.Context) (any, error) {
				return s.cfg.Client.Do(ctx, claim...).Result()
			}); err != nil {
				return err
			}
		}
		if len(page) < pendingPage {
			return nil
		}
		lowest = nextID(page[len(page)-1].ID)
	}
}
