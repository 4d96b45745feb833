// Package redisstream carries Watermill messages over Redis Streams: every message at least once, many at a time.
//
// The wire format is that of watermill-redisstream, so that a stock peer reads and writes the same streams. What differs is how the
// stream is consumed: entries are read in batches and are all in flight at once, acknowledgements are sent together, what this process
// holds is kept from being claimed, what a dead one held is claimed soon, and no entry, error or lost group ends a subscription.
//
// One subscription is a line of four goroutines, each the only owner of its step:
//
//	reader (XREADGROUP, XAUTOCLAIM) -> queue -> emitter -> output channel -> one waiter a message -> acks -> acker (XACK)
//
// beside a keeper that renews the claims on what is held. A nacked message goes from its waiter back to the queue. Every entry in the
// line holds one place of the window (MaxInFlight), which bounds each queue of it.
//
// The order of delivery is not promised. The Redis client belongs to whoever made it and is never closed here.
package redisstream
