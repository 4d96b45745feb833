package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

const (
	// Retention is how long an answer is kept: longer than any client goes on trying, a phone that was off overnight included.
	Retention = 24 * time.Hour
	// pruneInterval bounds how many rows wait: a hundred requests a second leave some 360,000 in an hour.
	pruneInterval = time.Hour
	// pruneBatch keeps transactions short, so that no request waits for the pruning: on SQLite all do.
	pruneBatch = 1000
)

// Reused is the reason of the fault for a request_id that came before with another request.
const Reused = "REQUEST_ID_REUSED"

// answers are the rows of one database.
type answers struct {
	db    *store.DB
	clock clock.Clock
}

// hashOf is the same for the same request. The bytes of protobuf are the same only within one build (see protobuf.dev, "Proto
// Serialization Is Not Canonical"): a request that is repeated over a rollout may, at worst, be refused.
func hashOf(method string, req proto.Message) ([]byte, error) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("idempotency: request of %s: %w", method, err)
	}
	hash := sha256.Sum256(data)
	return hash[:], nil
}

// find gives the answer that the request had, nil if it had none, or a fault if the id came with another request.
func (g guard) find(ctx context.Context, id string, hash []byte) (answer proto.Message, err error) {
	var method string
	var first, data []byte
	err = g.answers.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT method, hash, response FROM requests WHERE id = $1`, id).Scan(&method, &first, &data)
	})
	switch {
	case errors.Is(err, store.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case method != g.method || !bytes.Equal(first, hash):
		return nil, reused(id)
	}
	answer = g.answer.New().Interface()
	if err := proto.Unmarshal(data, answer); err != nil {
		return nil, fmt.Errorf("idempotency: answer of %s to %s: %w", method, id, err)
	}
	return answer, nil
}

func reused(id string) error {
	return &fault.Error{
		Kind: fault.Invalid, Reason: Reused,
		Message: "request_id " + id + " came before with another request: every request needs an id of its own",
		Fields:  []fault.Field{{Name: field, Description: "came before with another request"}},
	}
}

// keep makes the answer part of the unit of work. It goes to the database together with what else is queued. When another unit has
// stored one for the same id, this unit fails with a conflict.
func (a answers) keep(tx *store.Tx, id, method string, hash []byte, resp any) error {
	answer, ok := resp.(proto.Message)
	if !ok {
		return fmt.Errorf("idempotency: answer of %s is a %T", method, resp)
	}
	data, err := proto.Marshal(answer)
	if err != nil {
		return fmt.Errorf("idempotency: answer of %s: %w", method, err)
	}
	tx.Queue(`INSERT INTO requests (id, method, hash, response, created_at) VALUES ($1, $2, $3, $4, $5)`,
		id, method, hash, data, a.clock.Now())
	return nil
}

// Run forgets answers that are older than Retention, at once and then hourly, until ctx ends. Every replica may run it.
func (r *Registrar) Run(ctx context.Context) error {
	ticker := time.NewTicker(pruneInterval)
	defer ticker.Stop()
	for {
		if err := r.answers.prune(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// prune works in batches, and passes over what another replica is deleting.
func (a answers) prune(ctx context.Context) error {
	for {
		var deleted int64
		err := a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			deleted, err = tx.Exec(ctx, `DELETE FROM requests WHERE id IN (SELECT id FROM requests
				WHERE created_at < $1 ORDER BY created_at LIMIT $2`+tx.SkipLocked()+`)`, a.clock.Now().Add(-Retention), pruneBatch)
			return err
		})
		if err != nil || deleted < pruneBatch {
			return err
		}
	}
}
