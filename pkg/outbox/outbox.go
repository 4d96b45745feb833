// Package outbox sends messages if, and only if, the unit of work that made them is committed: it writes them as rows in that unit, and
// a relay sends the rows to Redis Streams afterwards, at least once each.
//
// A message takes the short way: after the commit it goes from memory to the relay, which pipelines the XADDs of many commits and then
// records the ids of the stream entries. What falls off that way (a crash, Redis away, a full queue) is found in the table by the
// sweeper. The recorded ids also tell when Redis has lost entries that it had accepted; those are sent again.
package outbox

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema is the outbox's tables.
var Schema = store.Schema{Name: "outbox", Migrations: migrationsAtTop()}

func migrationsAtTop() fs.FS {
	top, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // only a malformed path, which is a constant
	}
	return top
}

// publisher is what the outbox needs of redisstream.Publisher.
type publisher interface {
	PublishBatch(ctx context.Context, entries []redisstream.Entry) (ids []string, err error)
}

// Outbox is the outgoing side of one service. Several replicas may run on one database.
type Outbox struct {
	cfg     Config
	pub     publisher
	queue   *queue
	sent    chan sentRow // from the relay to the marker
	poke    chan struct{}
	lastSeq atomic.Int64
	running atomic.Bool
	health  health
	known   topics // that this process has sent to, or has seen

	// Only the sweeper's goroutine touches these.
	swept time.Time // when the last sweep began
	loss  lossState
}

var _ message.Publisher = (*Outbox)(nil)

// New makes an outbox. It sends nothing before Run.
func New(cfg Config) (*Outbox, error) {
	cfg.setDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	o := &Outbox{
		cfg:   cfg,
		pub:   redisstream.NewPublisher(cfg.Redis, cfg.Logger),
		queue: newQueue(cfg.QueueSize, cfg.QueueBytes),
		sent:  make(chan sentRow, 2*cfg.BatchSize), // one batch being recorded, one waiting; then the relay waits for the database
		poke:  make(chan struct{}, 1),
		loss:  lossState{candidates: map[string]candidate{}},
	}
	o.health.set(partRedis, errNotRunning)
	return o, nil
}

// Publish completes each message (see message.Meta.Complete), encodes it and puts it into the unit of work tx. It is sent once tx is
// committed, and never if it is not. A message that can't be encoded fails the unit.
//
// A message with the id of one that is in the outbox already replaces it and is sent (again): a saga does that with a command whose
// reply is overdue. tx must be one of store.DB.Do; one of Read never commits.
func (o *Outbox) Publish(ctx context.Context, tx *store.Tx, outgoing ...message.Outgoing) {
	u := tx.Attach(o, func() any {
		u := &unit{outbox: o, places: map[string]int{}}
		tx.OnCommit(u.handOver)
		return u
	}).(*unit)
	for _, out := range outgoing {
		u.add(ctx, out)
	}
	if !u.hooked {
		u.hooked = true
		tx.BeforeCommit(func(context.Context) error { return u.insert(tx) })
	}
}

// nextSeq is the time in microseconds, made to increase strictly.
func (o *Outbox) nextSeq(now time.Time) int64 {
	for {
		last := o.lastSeq.Load()
		next := max(now.UnixMicro(), last+1)
		if o.lastSeq.CompareAndSwap(last, next) {
			return next
		}
	}
}

// Run relays messages until ctx ends. It goes on through every error, with backoff; Healthy tells. When ctx has ended it still tries,
// for DrainTimeout at most, to send what was handed over and to record it; the rest is sent by another replica or by the next Run.
// It returns nil, or an error if it is running already.
func (o *Outbox) Run(ctx context.Context) error {
	if !o.running.CompareAndSwap(false, true) {
		return errors.New("outbox: running already")
	}
	defer o.running.Store(false)
	o.health.set(partRedis, errStarting)
	defer o.health.set(partRedis, errNotRunning)

	// The relay outlives ctx by the draining, and the marker outlives the relay: what is sent shall be recorded.
	draining, cancel := o.outlive(ctx)
	defer cancel()

	var sweeper, relay, marker sync.WaitGroup
	relayed := make(chan struct{})
	sweeper.Go(func() {
		o.loop(ctx, "sweeper", partSweeper, min(o.cfg.SweepInterval, o.cfg.CheckInterval), o.poke, o.sweepRound)
	})
	sweeper.Go(func() { o.loop(ctx, "retention", partRetention, o.cfg.RetentionInterval, nil, o.prune) })
	relay.Go(func() { o.relay(ctx, draining) })
	marker.Go(func() { o.marker(draining, relayed) })
	sweeper.Wait()
	relay.Wait()
	close(relayed)
	marker.Wait()
	return nil
}

// outlive gives a context that ends DrainTimeout after ctx.
func (o *Outbox) outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(o.cfg.DrainTimeout, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// Backlog is how many messages are not known to be sent, and since when the oldest waits (the zero time when none does).
func (o *Outbox) Backlog(ctx context.Context) (unsent int64, oldest time.Time, err error) {
	var seq *int64
	err = o.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*), MIN(seq) FROM outbox WHERE sent_at IS NULL`).Scan(&unsent, &seq)
	})
	if err == nil && seq != nil {
		oldest = time.UnixMicro(*seq).UTC()
	}
	return unsent, oldest, err
}

// Healthy is nil, or says why messages are not going out now. They are safe in the database meanwhile.
func (o *Outbox) Healthy() error { return o.health.err() }
