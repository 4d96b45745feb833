package outbox

import (
	"context"
	"time"

	"mallbots.example/pkg/store"
)

// Redis may lose what it has accepted: all of it (flush, failover to an empty replica, the in-process Redis of the embedded mode), or a
// tail (a failover or a crash before the last second was replicated or fsynced). Streams are trimmed only later than the outbox's
// retention, so a row that is still kept here and whose entry is not in the stream was lost, and is made unsent again.
//
// What is lost is always the newest part of a stream as it was at the moment of the loss. So if an entry is there, all older ones are.
// The reverse does not hold: entries that were added after the loss, by this service or by another one, are there too. Hence three rules:
//
//  1. An entry, not the end of the stream, is looked for: the newest recorded one, and the one up to which all were seen (verified).
//  2. After a broken connection, which every restart and failover of Redis comes with, each entry newer than the verified one is looked for.
//  3. An entry is recorded some time after it was added (markTimeout at most). Only what is older than settleTime becomes verified, and
//     rule 2 is applied until settleTime after the last broken connection.

type lossState struct {
	last        time.Time            // of the last complete check
	reconnected bool                 // the short way was closed since then
	dialed      uint32               // connections made so far; see dials
	deepUntil   time.Time            // rule 2 applies to checks until one that began then
	deepDone    time.Time            // when the last check that applied it began
	candidates  map[string]candidate // by topic: to become the verified entry
}

// candidate is an entry that was the newest recorded one at the time of a check.
type candidate struct {
	entry
	seen time.Time
}

// entry of a stream, with the message it must hold: after a loss a Redis with a slow clock may give out the same stream id again.
type entry struct {
	topic     string
	messageID string
	streamID  string // padded
}

// trail is what the check knows of one topic.
type trail struct {
	newest   entry
	verified entry // streamID "" if nothing was verified yet
}

func (o *Outbox) checkIsDue() bool {
	return o.loss.reconnected || time.Since(o.loss.last) >= o.cfg.CheckInterval
}

// check looks for losses in every topic this service has sent to, and makes the lost rows unsent. The sweeper sends them, in their order.
func (o *Outbox) check(ctx context.Context) error {
	began := o.cfg.Clock.Now()
	trails, err := o.trails(ctx)
	if err != nil {
		return err
	}
	probes := make([]entry, 0, 2*len(trails))
	for _, t := range trails {
		probes = append(probes, t.newest, o.anchor(t))
	}
	there, err := o.present(ctx, probes)
	if err != nil {
		o.interrupted(ctx, err)
		return err
	}
	// Asked after the probes, which may have made a connection to a Redis that has lost something.
	if dialed := o.dials(); o.loss.reconnected || dialed != o.loss.dialed {
		o.loss.dialed, o.loss.deepUntil = dialed, began.Add(settleTime)
	}
	deep := o.loss.deepDone.Before(o.loss.deepUntil)
	var whole []trail
	for i, t := range trails {
		newest, anchored := there[2*i], there[2*i+1] || o.anchor(t).streamID == ""
		o.known.set(t.newest.topic, newest) // so that a lost stream can be made anew
		lost := 0
		if !newest || !anchored || deep {
			if lost, err = o.verify(ctx, t, there[2*i+1] && t.verified.streamID != ""); err != nil {
				return err
			}
		}
		if newest && lost == 0 {
			whole = append(whole, t)
			continue
		}
		delete(o.loss.candidates, t.newest.topic)
		o.loss.deepUntil = began.Add(settleTime) // what was added before the loss may be recorded only now
		o.wakeSweeper()
	}
	if err := o.settle(ctx, whole, began); err != nil {
		return err
	}
	if deep {
		o.loss.deepDone = began
	}
	o.loss.last, o.loss.reconnected = time.Now(), false
	return nil
}

// anchor is an older entry of the topic that must be there: the verified one or, before there is one, the candidate.
func (o *Outbox) anchor(t trail) entry {
	if t.verified.streamID != "" {
		return t.verified
	}
	return o.loss.candidates[t.newest.topic].entry
}

// verify looks for each entry of the topic back to the verified one, which is itself there or not.
func (o *Outbox) verify(ctx context.Context, t trail, verified bool) (lost int, err error) {
	lost, err = o.walk(ctx, t, verified)
	if lost > 0 {
		o.cfg.Logger.WarnContext(ctx, "outbox: Redis has lost messages; they are sent again", "topic", t.newest.topic, "messages", lost)
	}
	if err != nil || verified || t.verified.streamID == "" {
		return lost, err
	}
	// The walk is complete. A verified entry that is gone has no more to say, and would make each check a walk.
	return lost, o.cfg.DB.Do(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM outbox_verified WHERE topic = $1 AND stream_id = $2`, t.newest.topic, t.verified.streamID)
		return nil
	})
}

// settle makes the newest entry of a topic that has lost nothing a candidate, and a candidate that is old enough the verified entry. Another replica may put
// back an older one, which is as true.
func (o *Outbox) settle(ctx context.Context, trails []trail, began time.Time) error {
	var verified []entry
	for _, t := range trails {
		c, ok := o.loss.candidates[t.newest.topic]
		if ok && began.Sub(c.seen) < settleTime {
			continue
		}
		if ok && c.entry != t.verified {
			verified = append(verified, c.entry)
		}
		o.loss.candidates[t.newest.topic] = candidate{entry: t.newest, seen: began}
	}
	if len(verified) == 0 {
		return nil
	}
	return o.cfg.DB.Do(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, e := range verified {
			tx.Queue(`INSERT INTO outbox_verified (topic, message_id, stream_id) VALUES ($1, $2, $3)
				ON CONFLICT (topic) DO UPDATE SET message_id = excluded.message_id, stream_id = excluded.stream_id`,
				e.topic, e.messageID, e.streamID)
		}
		return nil
	})
}

// dials counts the connections that the client has made, and some more. go-redis reconnects and repeats commands by itself, so errors
// alone do not tell of a restart.
func (o *Outbox) dials() uint32 {
	stats := o.cfg.Redis.PoolStats()
	if stats == nil {
		return o.loss.dialed + 1 // unknown: as if broken
	}
	dialed := stats.Misses + stats.StaleConns
	if pipelines := stats.PipelineStats; pipelines != nil { // which have connections of their own
		dialed += pipelines.Misses + pipelines.StaleConns
	}
	return dialed
}

// trails reads the topics that have recorded rows by hopping over the index, because DISTINCT would read all of it.
func (o *Outbox) trails(ctx context.Context) (trails []trail, err error) {
	err = o.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		trails, err = store.All(ctx, tx, func(rows *store.Rows) (t trail, err error) {
			err = rows.Scan(&t.newest.topic, &t.newest.messageID, &t.newest.streamID, &t.verified.messageID, &t.verified.streamID)
			t.verified.topic = t.newest.topic
			return t, err
		}, `WITH RECURSIVE topics (topic) AS (
				SELECT MIN(topic) FROM outbox WHERE stream_id IS NOT NULL
				UNION ALL
				SELECT (SELECT MIN(o.topic) FROM outbox o WHERE o.stream_id IS NOT NULL AND o.topic > topics.topic)
				FROM topics WHERE topics.topic IS NOT NULL)
			SELECT n.topic, n.id, n.stream_id, COALESCE(v.message_id, ''), COALESCE(v.stream_id, '')
			FROM topics
			JOIN outbox n ON n.topic = topics.topic AND n.stream_id =
				(SELECT MAX(m.stream_id) FROM outbox m WHERE m.topic = topics.topic AND m.stream_id IS NOT NULL)
			LEFT JOIN outbox_verified v ON v.topic = topics.topic`)
		return err
	})
	return trails, err
}
