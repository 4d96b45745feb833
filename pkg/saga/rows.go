package saga

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"io/fs"
	"time"

	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of an orchestrating service: sagas, saga_history.
var Schema = store.Schema{Name: "saga", Migrations: sub(migrations)}

func sub(files embed.FS) fs.FS {
	dir, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is named in the line that embeds it
	}
	return dir
}

// State is where a saga is.
type State string

// The states; see the table in the package's documentation.
const (
	StateRunning      State = "running"
	StateCompensating State = "compensating"
	StateCompleted    State = "completed"
	StateCompensated  State = "compensated"
)

// Ended reports whether nothing changes the saga any more.
func (s State) Ended() bool { return s == StateCompleted || s == StateCompensated }

// Saga is a saga's row, as operators see it.
type Saga struct {
	Name, ID string
	State    State
	// Step is the one whose command is awaited; of an ended saga the last one that was.
	Step string
	// Data is the JSON of the definition's D.
	Data json.RawMessage
	// Attempt is how often the step's command has been sent.
	Attempt int
	// CommandID is the command whose reply is awaited. It is empty when the command was refused and waits to be sent anew.
	CommandID string
	// DeadlineAt is when the saga acts by itself; zero for an ended one.
	DeadlineAt time.Time
	Version    int64
	// Failure is why it is compensated; zero if it is not.
	Failure       Failure
	CorrelationID string
	// Entries is how many its history has.
	Entries int
	// CreatedAt, StepAt and UpdatedAt are when it was started, when it came to its step, when anything changed.
	CreatedAt, StepAt, UpdatedAt time.Time
}

// What is a kind of entry in a saga's history.
type What string

// The kinds of entry.
const (
	Started          What = "started"
	ActionSent       What = "action sent"
	CompensationSent What = "compensation sent"
	Succeeded        What = "succeeded"
	Failed           What = "failed"
	DeadlinePassed   What = "deadline passed"
	Compensating     What = "compensating"
	Completed        What = "completed"
	Compensated      What = "compensated"
)

// Entry is one line of a saga's history.
type Entry struct {
	Seq    int
	At     time.Time
	What   What
	Step   string
	Detail string // the command, or why it failed
}

const columns = `name, id, state, step, data, attempt, command_id, deadline_at, version, failed_step, failure_reason, failure_message,
	correlation_id, entries, created_at, step_at, updated_at`

func scan(row interface{ Scan(dest ...any) error }) (s Saga, err error) {
	var data []byte
	var deadline sql.Null[time.Time]
	err = row.Scan(&s.Name, &s.ID, &s.State, &s.Step, &data, &s.Attempt, &s.CommandID, &deadline, &s.Version,
		&s.Failure.Step, &s.Failure.Reason, &s.Failure.Message, &s.CorrelationID, &s.Entries, &s.CreatedAt, &s.StepAt, &s.UpdatedAt)
	s.Data, s.DeadlineAt = data, deadline.V
	return s, err
}

// load gives the row of a saga, or store.ErrNoRows.
func load(ctx context.Context, tx *store.Tx, name, id string) (Saga, error) {
	return scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM sagas WHERE name = $1 AND id = $2`, name, id))
}

// insert makes the row of a new saga, unless there is one.
func insert(ctx context.Context, tx *store.Tx, s Saga) (isNew bool, err error) {
	n, err := tx.Exec(ctx, `INSERT INTO sagas (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (name, id) DO NOTHING`,
		s.Name, s.ID, string(s.State), s.Step, []byte(s.Data), s.Attempt, s.CommandID, deadline(s), s.Version,
		s.Failure.Step, s.Failure.Reason, s.Failure.Message, s.CorrelationID, s.Entries, s.CreatedAt, s.StepAt, s.UpdatedAt)
	return n == 1, err
}

// update writes the row that load gave, unless another unit of work has changed it since: then this one runs again.
func update(tx *store.Tx, s Saga) {
	tx.QueueOne(store.ErrConflict, `UPDATE sagas SET state = $4, step = $5, data = $6, attempt = $7, command_id = $8, deadline_at = $9,
			failed_step = $10, failure_reason = $11, failure_message = $12, entries = $13, step_at = $14, updated_at = $15,
			version = version + 1
		WHERE name = $1 AND id = $2 AND version = $3`,
		s.Name, s.ID, s.Version, string(s.State), s.Step, []byte(s.Data), s.Attempt, s.CommandID, deadline(s),
		s.Failure.Step, s.Failure.Reason, s.Failure.Message, s.Entries, s.StepAt, s.UpdatedAt)
}

func deadline(s Saga) sql.Null[time.Time] {
	return sql.Null[time.Time]{V: s.DeadlineAt, Valid: !s.DeadlineAt.IsZero()}
}

func remember(tx *store.Tx, s Saga, entries []Entry) {
	for _, e := range entries {
		tx.Queue(`INSERT INTO saga_history (name, id, seq, at, what, step, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			s.Name, s.ID, e.Seq, e.At, string(e.What), e.Step, e.Detail)
	}
}
