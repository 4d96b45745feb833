package redisstream

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	ownStart   = "0-0" // before the first pending entry
	claimStart = "0-0" // where XAUTOCLAIM starts, and what it answers at the end

	// Between two tries to reach Redis: soon after a hiccup, and seldom enough that many processes waiting for a restarting Redis
	// are no load to it, while none is later than this.
	reconnectBackoffMin = 50 * time.Millisecond
	reconnectBackoffMax = 2 * time.Second
)

// reader fetches entries into the queue. It is one goroutine with one command at a time: own pending entries first, then new ones, and
// now and then those that a dead consumer has left.
type reader struct {
	*subscription
	client    redis.UniversalClient
	blockTime time.Duration

	grouped   bool      // the group was seen or made
	own       string    // where the next own pending entry is read from; "" when all are
	claim     string    // where the search for abandoned entries goes on
	nextClaim time.Time // when the next search starts
}

// read runs a reader until stop is done.
func (s *subscription) read(stop context.Context) {
	conn := dedicate(s.cfg)
	defer conn.close()
	// A blocked read does not obey its context; without its connection it ends at once.
	defer context.AfterFunc(stop, conn.interrupt)()

	r := &reader{
		subscription: s, client: conn.client, blockTime: conn.blockTime,
		own: ownStart, claim: claimStart, nextClaim: time.Now().Add(s.claimWait()),
	}
	for failures := 0; ; {
		places := s.reserve(stop)
		if places == 0 {
			return
		}
		admitted, err := r.step(stop, places)
		s.release(places - admitted)
		switch {
		case stop.Err() != nil:
			return
		case err == nil:
			failures = 0
		case !r.resume(stop, err, failures):
			return
		default:
			failures++
		}
	}
}

// step brings at most places entries into the line, by the one command that is next in turn.
func (r *reader) step(ctx context.Context, places int) (admitted int, err error) {
	if !r.grouped {
		if err := ensureGroup(ctx, r.client, r.topic, r.cfg.Group); err != nil {
			return 0, err
		}
		r.grouped = true
	}
	var entries []redis.XMessage
	switch {
	case r.own != "":
		defer r.held.listing()()
		entries, err = r.readOwn(ctx, places)
	case !time.Now().Before(r.nextClaim):
		defer r.held.listing()()
		entries, err = r.claimAbandoned(ctx, places)
	default:
		wait := max(time.Millisecond, min(r.blockTime, time.Until(r.nextClaim)))
		entries, err = r.readGroup(ctx, ">", places, wait)
	}
	return r.admit(entries), err
}

// readOwn reads what this consumer had taken before it was restarted (H2).
func (r *reader) readOwn(ctx context.Context, count int) ([]redis.XMessage, error) {
	entries, err := r.readGroup(ctx, r.own, count, -1)
	if err != nil {
		return nil, err
	}
	entries = entries[:min(count, len(entries))] // miniredis knows no COUNT here
	if len(entries) == 0 {
		r.own = ""
		return nil, nil
	}
	r.own = entries[len(entries)-1].ID
	return entries, nil
}

// readGroup is XREADGROUP; block < 0 does not wait.
func (r *reader) readGroup(ctx context.Context, from string, count int, block time.Duration) ([]redis.XMessage, error) {
	streams, err := r.client.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: r.cfg.Group, Consumer: r.consumer, Streams: []string{r.topic, from}, Count: int64(count), Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) || (err == nil && len(streams) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return streams[0].Messages, nil
}

// claimAbandoned takes over a page of entries whose consumer has not renewed them for ClaimIdle.
func (r *reader) claimAbandoned(ctx context.Context, count int) ([]redis.XMessage, error) {
	entries, next, err := r.client.XAutoClaim(ctx, &redis.XAutoClaimArgs{
		Stream: r.topic, Group: r.cfg.Group, Consumer: r.consumer, MinIdle: r.cfg.ClaimIdle, Start: r.claim, Count: int64(count),
	}).Result()
	if err != nil {
		return nil, err
	}
	r.claim = next
	if CompareIDs(next, claimStart) == 0 { // the end of the pending list
		r.nextClaim = time.Now().Add(r.claimWait())
	}
	if len(entries) > 0 {
		r.log.Info("took over entries of a consumer that is gone", "entries", len(entries))
	}
	return entries, nil
}

// claimWait spreads the searches of many consumers over time.
func (s *subscription) claimWait() time.Duration {
	return backoff(s.cfg.ClaimInterval, s.cfg.ClaimInterval, 0)
}

// admit queues the entries that are not in the line already and gives their number.
func (r *reader) admit(entries []redis.XMessage) (admitted int) {
	for _, entry := range entries {
		switch {
		case entry.Values == nil:
			// Pending, but deleted from the stream: nothing is left that could be handled.
			r.log.Error("stream entry was deleted before it was handled", "entry_id", entry.ID)
			r.acks <- entry.ID
		case r.held.add(entry.ID):
			r.queue <- delivery{entry: entry}
			admitted++
		}
	}
	return admitted
}

// resume gets over a failed command; false when stopped meanwhile. Redis may have given entries to this consumer in a reply that was lost,
// so its own pending entries are read again; those in the line already are recognized.
func (r *reader) resume(stop context.Context, err error, failures int) bool {
	r.own = ownStart
	if isNoGroup(err) {
		r.grouped = false
		r.log.Warn("consumer group is gone, it is made again", "error", err)
		if failures == 0 { // else making it does not help
			return true
		}
	}
	wait := backoff(reconnectBackoffMin, reconnectBackoffMax, failures)
	r.log.Warn("reading from Redis fails, will try again", "error", err, "failures", failures+1, "wait", wait)
	return pause(stop, wait)
}

// reserve waits for a free place and takes up to BatchSize; none when stop is done.
func (s *subscription) reserve(stop context.Context) (places int) {
	select {
	case <-s.window:
		places = 1
	case <-stop.Done():
		return 0
	}
	for places < s.cfg.BatchSize {
		select {
		case <-s.window:
			places++
		default:
			return places
		}
	}
	return places
}

func (s *subscription) release(places int) {
	for range places {
		s.window <- struct{}{}
	}
}
