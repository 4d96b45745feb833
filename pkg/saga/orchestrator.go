package saga

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// Config is what an orchestrator works with. Fields without a default must be set.
type Config struct {
	Publisher message.Publisher
	DB        *store.DB
	Clock     clock.Clock  // default: the machine's
	Logger    *slog.Logger // default: discard
	// ReplyTopic is where the replies to its commands are sent. Several orchestrators may share it; see Replies.
	ReplyTopic string
	// MinBackoff and MaxBackoff bound the wait before a compensation, a Retriable step or one UntilAnswered is sent again. It doubles each
	// time. Defaults: 1 s, long enough for a reply on its way; 1 min, short enough to go on soon after a service is back.
	MinBackoff, MaxBackoff time.Duration
	// OverdueAfter is how long a saga may stand at one step before Overdue counts it. Default: 5 min, which no healthy step takes.
	OverdueAfter time.Duration
	// Look says when RunTimers looks for deadlines that have passed. Default: every second.
	Look <-chan time.Time
	// OnIgnored is told of each reply that changed nothing (once: not of units of work that are rolled back).
	OnIgnored func(saga string, why Ignored)
}

// Ignored says why a reply changed nothing.
type Ignored string

// The reasons to ignore a reply. None is an error: they are what is left of commands that were sent twice or given up.
const (
	UnknownSaga Ignored = "unknown_saga"
	EndedSaga   Ignored = "ended_saga"
	NotAwaited  Ignored = "not_awaited" // another step or command
)

// Orchestrator runs the sagas of one definition. Any number of replicas may run them together.
type Orchestrator[D any] struct {
	cfg Config
	def Definition[D]
}

// New makes the orchestrator of a definition, and refuses one that could leave a saga in doubt.
func New[D any](cfg Config, def Definition[D]) (*Orchestrator[D], error) {
	if err := def.validate(); err != nil {
		return nil, err
	}
	if cfg.Publisher == nil || cfg.DB == nil || cfg.ReplyTopic == "" {
		return nil, fmt.Errorf("saga %s: Publisher, DB and ReplyTopic must be set", def.Name)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.OnIgnored == nil {
		cfg.OnIgnored = func(string, Ignored) {}
	}
	cfg.MinBackoff = cmp.Or(cfg.MinBackoff, time.Second)
	cfg.MaxBackoff = cmp.Or(cfg.MaxBackoff, time.Minute)
	cfg.OverdueAfter = cmp.Or(cfg.OverdueAfter, 5*time.Minute)
	if cfg.MinBackoff < 0 || cfg.MaxBackoff < cfg.MinBackoff || cfg.OverdueAfter < 0 {
		return nil, fmt.Errorf("saga %s: MinBackoff, MaxBackoff and OverdueAfter must be positive and MinBackoff the smaller one", def.Name)
	}
	cfg.Logger = cfg.Logger.With("saga", def.Name)
	return &Orchestrator[D]{cfg: cfg, def: def}, nil
}

// Name is that of the definition.
func (o *Orchestrator[D]) Name() string { return o.def.Name }

// Start begins a saga, once per id: a second start of the same id changes nothing, whatever became of the first.
func (o *Orchestrator[D]) Start(ctx context.Context, tx *store.Tx, sagaID string, data D) error {
	if sagaID == "" {
		return fmt.Errorf("saga %s: a saga needs an id", o.def.Name)
	}
	// Commands that the timers send again belong to the request that set the saga off, as much as the first ones.
	correlation := message.Meta{}.Complete(ctx, func() string { return "" }, "", time.Time{}).CorrelationID
	if correlation == "" {
		correlation = sagaID
		ctx = message.WithCause(ctx, message.Meta{CorrelationID: correlation})
	}
	t := o.transition(Saga{Name: o.def.Name, ID: sagaID, State: StateRunning, Version: 1, CorrelationID: correlation}, data)
	t.saga.CreatedAt, t.saga.StepAt = t.now, t.now
	if err := t.start(); err != nil {
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	if isNew, err := insert(ctx, tx, t.saga); err != nil || !isNew {
		return err
	}
	return o.follow(ctx, tx, t)
}

// OnReply takes a reply to a command. One that does not answer the command that is awaited changes nothing.
func (o *Orchestrator[D]) OnReply(ctx context.Context, tx *store.Tx, meta message.Meta, reply *sagav1.CommandReply) error {
	if meta.Saga != o.def.Name {
		o.ignore(ctx, tx, meta, UnknownSaga)
		return nil
	}
	saga, err := load(ctx, tx, o.def.Name, meta.SagaID)
	switch {
	case errors.Is(err, store.ErrNoRows):
		o.ignore(ctx, tx, meta, UnknownSaga)
		return nil
	case err != nil:
		return err
	case saga.State.Ended():
		o.ignore(ctx, tx, meta, EndedSaga)
		return nil
	case meta.SagaStep != saga.Step || meta.CommandID == "" || meta.CommandID != saga.CommandID:
		o.ignore(ctx, tx, meta, NotAwaited)
		return nil
	}
	return o.change(ctx, tx, saga, func(t *transition[D]) error { return t.replied(reply) })
}

// change makes one transition of a saga that load gave.
func (o *Orchestrator[D]) change(ctx context.Context, tx *store.Tx, saga Saga, how func(t *transition[D]) error) error {
	var data D
	if err := json.Unmarshal(saga.Data, &data); err != nil {
		return fmt.Errorf("data of saga %s %s: %w", saga.Name, saga.ID, err)
	}
	t := o.transition(saga, data)
	if err := how(t); err != nil {
		return err
	}
	if err := t.seal(); err != nil {
		return err
	}
	update(tx, t.saga)
	return o.follow(ctx, tx, t)
}

// follow does what comes with the row of a transition.
func (o *Orchestrator[D]) follow(ctx context.Context, tx *store.Tx, t *transition[D]) error {
	remember(tx, t.saga, t.entries)
	if len(t.sent) > 0 {
		o.cfg.Publisher.Publish(ctx, tx, t.sent...)
	}
	if t.saga.State.Ended() && o.def.Done != nil {
		return o.def.Done(ctx, tx, t.data, Outcome{SagaID: t.saga.ID, State: t.saga.State, Failure: t.saga.Failure})
	}
	return nil
}

func (o *Orchestrator[D]) transition(saga Saga, data D) *transition[D] {
	return &transition[D]{
		def: &o.def, backoff: o.backoff, replyTopic: o.cfg.ReplyTopic, now: o.cfg.Clock.Now(), saga: saga, data: data,
	}
}

// seal puts the data into the row.
func (t *transition[D]) seal() (err error) {
	t.saga.UpdatedAt = t.now
	if t.saga.Data, err = json.Marshal(t.data); err != nil {
		return fmt.Errorf("data of saga %s %s: %w", t.saga.Name, t.saga.ID, err)
	}
	return nil
}

// backoff is how long to wait after the attempt-th sending.
func (o *Orchestrator[D]) backoff(attempt int) time.Duration {
	wait := o.cfg.MinBackoff
	for ; attempt > 1 && wait < o.cfg.MaxBackoff; attempt-- {
		wait *= 2
	}
	return min(wait, o.cfg.MaxBackoff)
}

func (o *Orchestrator[D]) ignore(ctx context.Context, tx *store.Tx, meta message.Meta, why Ignored) {
	tx.OnCommit(func() {
		o.cfg.OnIgnored(meta.Saga, why)
		o.cfg.Logger.DebugContext(ctx, "reply ignored", "why", why, "reply_to_saga", meta.Saga, "saga_id", meta.SagaID,
			"step", meta.SagaStep, "command_id", meta.CommandID, "message_id", meta.ID)
	})
}
