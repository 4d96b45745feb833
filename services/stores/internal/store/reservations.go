package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// reservations implements app.Reservations.
type reservations struct{}

// Get implements app.Reservations.
func (reservations) Get(ctx context.Context, tx *store.Tx, orderID string) (*domain.Reservation, error) {
	meta := aggregate.Meta{ID: orderID}
	var state domain.ReservationState
	rows, err := store.All(ctx, tx, func(row *store.Rows) (none struct{}, err error) {
		var productID sql.Null[string]
		var quantity sql.Null[int64]
		if err := row.Scan(&meta.Version, &state.Status, &meta.CreatedAt, &meta.UpdatedAt, &productID, &quantity); err != nil {
			return none, err
		}
		if productID.Valid {
			state.Lines = append(state.Lines, domain.Line{ProductID: productID.V, Quantity: quantity.V})
		}
		return none, nil
	}, `
SELECT r.version, r.status, r.created_at, r.updated_at, i.product_id, i.quantity
  FROM reservations r LEFT JOIN reservation_items i ON i.order_id = r.order_id
 WHERE r.order_id = $1 ORDER BY i.product_id`, orderID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return domain.NewReservation(orderID), nil
	}
	return domain.RestoreReservation(meta, state), nil
}

// Save implements app.Reservations.
func (reservations) Save(tx *store.Tx, r *domain.Reservation) {
	if len(r.Events()) == 0 {
		return
	}
	state, meta := r.State(), r.Meta()
	if r.StoredVersion() > 0 {
		tx.QueueOne(store.ErrConflict,
			`UPDATE reservations SET version = $3, status = $4, updated_at = $5 WHERE order_id = $1 AND version = $2`,
			meta.ID, r.StoredVersion(), meta.Version, string(state.Status), meta.UpdatedAt)
		return
	}
	tx.Queue(`INSERT INTO reservations (order_id, version, status, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)`,
		meta.ID, meta.Version, string(state.Status), meta.CreatedAt, meta.UpdatedAt)
	if len(state.Lines) == 0 {
		return
	}
	values, args := make([]string, len(state.Lines)), []any{meta.ID}
	for i, line := range state.Lines {
		args = append(args, line.ProductID, line.Quantity)
		values[i] = fmt.Sprintf("($1, $%d, $%d)", len(args)-1, len(args))
	}
	tx.Queue(`INSERT INTO reservation_items (order_id, product_id, quantity) VALUES `+strings.Join(values, ", "), args...)
}
