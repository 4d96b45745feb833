// Package store keeps the projection of orders, in generations, and the journal that it is built from.
package store

import (
	"context"
	"database/sql"
	"embed"
	"time"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of search. That of customers is people.Schema.
var Schema = store.NewSchema("search", migrations)

// projection is the one that there is.
const projection = "orders"

// Generations implements app.Generations.
type Generations struct{}

// Lock implements app.Generations.
func (Generations) Lock(ctx context.Context, tx *store.Tx) (app.State, error) {
	return readState(ctx, tx, tx.ForUpdate())
}

func readState(ctx context.Context, tx *store.Tx, lock string) (state app.State, err error) {
	var until sql.Null[time.Time]
	err = tx.QueryRow(ctx, `SELECT active, building, building_until, last FROM projections WHERE name = $1`+lock, projection).
		Scan(&state.Active, &state.Building, &until, &state.Last)
	state.Until = until.V
	return state, err
}

// Set implements app.Generations.
func (Generations) Set(tx *store.Tx, state app.State) {
	until := sql.Null[time.Time]{V: state.Until, Valid: state.Building != 0}
	tx.Queue(`UPDATE projections SET active = $2, building = $3, building_until = $4, last = $5 WHERE name = $1`,
		projection, int64(state.Active), int64(state.Building), until, int64(state.Last))
}

// Extend implements app.Generations.
func (Generations) Extend(tx *store.Tx, building app.Generation, until time.Time) {
	tx.QueueOne(domain.ErrRebuildRunning, `UPDATE projections SET building_until = $3 WHERE name = $1 AND building = $2`,
		projection, int64(building), until)
}
