package outbox

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
)

const (
	// defaultBatchSize of one pipeline of XADDs and of one UPDATE: throughput is flat between 100 and 500 (H9 of the measured facts), and
	// the larger one saves database commits.
	defaultBatchSize = 500
	// maxBatchSize bounds what a pipeline holds in memory (maxPayload each, at worst) and how long a transaction takes.
	maxBatchSize = 5000
	// defaultQueueSize is some tenths of a second of full speed: a longer wait in memory than that means that Redis is slow, and then
	// the table is the better queue.
	defaultQueueSize = 10_000
	// defaultQueueBytes bounds the memory of the same queue where messages are large.
	defaultQueueBytes = 32 << 20
	// defaultRetention is a long weekend: Redis may be found broken on Monday, and what was sent on Friday can still be sent again.
	defaultRetention = 72 * time.Hour
	// defaultSweepInterval: what was left over by a crash or an outage waits this long at most, once it is due. It costs one look into
	// an index that is mostly empty.
	defaultSweepInterval = time.Second
	// defaultHeadStart is how long a message belongs to the process that committed it before a sweeper may take it: far longer than
	// the relay needs (milliseconds), shorter than any saga's deadline.
	defaultHeadStart = 2 * time.Second
	// defaultCheckInterval bounds how long a loss of Redis goes unseen when nothing is sent and no connection breaks. A check costs one
	// query and one round trip.
	defaultCheckInterval = 3 * time.Second
	// defaultRetentionInterval: rows outlive the retention by a minute at most.
	defaultRetentionInterval = time.Minute
	// defaultMarkDelay lets marks of many small batches share one UPDATE and its fsync. Within it a crash makes copies, no more.
	defaultMarkDelay = 20 * time.Millisecond
	// defaultDrainTimeout bounds what Run does after its context ended; pods have 30 s to end.
	defaultDrainTimeout = 5 * time.Second

	// sendTimeout of one round trip to Redis.
	sendTimeout = 5 * time.Second
	// markTimeout is how long after its XADD a row may still be marked. Later it counts as not sent and goes out again: the loss
	// check relies on every entry being recorded within this time or never.
	markTimeout = 10 * time.Second
	// claimTime is for how long a sweeper owns the rows that it claimed. It is longer than sending and marking a batch may take, so
	// that two sweepers do not send the same rows, and is what a crashed sweeper's rows wait.
	claimTime = sendTimeout + markTimeout
	// settleTime is how old an entry is before the loss check counts it as verified for good: by then all older ones are recorded.
	settleTime = 2 * markTimeout

	// maxPayload of one message: an operator can still be shown it in a gRPC message (4 MiB), and a batch of them stays in memory. Far
	// more would break the connection to Redis, and with it the messages of others, again and again.
	maxPayload = 1 << 20

	minBackoff = 50 * time.Millisecond // Redis restarting in a pod takes longer; a broken connection is replaced at once
	maxBackoff = 2 * time.Second       // how much longer than Redis an outage may last for us
)

// Config of an Outbox. Zero durations and sizes mean the defaults.
type Config struct {
	DB    *store.DB             // migrated with Schema
	Redis redis.UniversalClient // belongs to the caller, who closes it after Run has returned
	// Source is the name of the service, which is in every message.
	Source string
	Clock  clock.Clock // default: the system's
	IDs    id.Source   // default: UUIDv7
	Logger *slog.Logger

	BatchSize         int           // messages a round trip, rows an UPDATE; default 500
	QueueSize         int           // messages between commit and relay; default 10,000
	QueueBytes        int64         // their payloads together; default 32 MiB
	Retention         time.Duration // of sent rows; default 72 h. Streams must be trimmed later, inbox rows pruned later
	RetentionInterval time.Duration // default 1 min
	SweepInterval     time.Duration // default 1 s
	HeadStart         time.Duration // default 2 s
	CheckInterval     time.Duration // default 3 s
	MarkDelay         time.Duration // default 20 ms
	DrainTimeout      time.Duration // default 5 s
}

func (c *Config) setDefaults() {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = id.UUIDv7
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	orDefault(&c.BatchSize, defaultBatchSize)
	orDefault(&c.QueueSize, defaultQueueSize)
	orDefault(&c.QueueBytes, defaultQueueBytes)
	orDefault(&c.Retention, defaultRetention)
	orDefault(&c.RetentionInterval, defaultRetentionInterval)
	orDefault(&c.SweepInterval, defaultSweepInterval)
	orDefault(&c.HeadStart, defaultHeadStart)
	orDefault(&c.CheckInterval, defaultCheckInterval)
	orDefault(&c.MarkDelay, defaultMarkDelay)
	orDefault(&c.DrainTimeout, defaultDrainTimeout)
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

// Validate names the first setting that can't be worked with. Defaults must be set.
func (c *Config) Validate() error {
	switch {
	case c.DB == nil:
		return errors.New("outbox: DB is missing")
	case c.Redis == nil:
		return errors.New("outbox: Redis is missing")
	case c.Source == "":
		return errors.New("outbox: Source, the name of the service, is missing")
	case c.BatchSize < 1 || c.BatchSize > maxBatchSize:
		return fmt.Errorf("outbox: BatchSize %d is not within 1 to %d", c.BatchSize, maxBatchSize)
	case c.QueueSize < 1:
		return fmt.Errorf("outbox: QueueSize %d is less than 1", c.QueueSize)
	case c.QueueBytes < 1:
		return fmt.Errorf("outbox: QueueBytes %d is less than 1", c.QueueBytes)
	case c.HeadStart >= claimTime:
		// Run takes at its start what is within a head start, and must not take what another sweeper has just claimed.
		return fmt.Errorf("outbox: HeadStart %v is not below %v", c.HeadStart, claimTime)
	case c.MarkDelay >= markTimeout:
		return fmt.Errorf("outbox: MarkDelay %v is not below %v", c.MarkDelay, markTimeout)
	}
	for name, d := range map[string]time.Duration{
		"Retention": c.Retention, "RetentionInterval": c.RetentionInterval, "SweepInterval": c.SweepInterval, "HeadStart": c.HeadStart,
		"CheckInterval": c.CheckInterval, "MarkDelay": c.MarkDelay, "DrainTimeout": c.DrainTimeout,
	} {
		if d < 0 {
			return fmt.Errorf("outbox: %s %v is negative", name, d)
		}
	}
	return nil
}
