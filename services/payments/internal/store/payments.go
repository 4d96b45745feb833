// Package store keeps payments and invoices, a row each.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of payments.
var Schema = store.NewSchema("payments", migrations)

// Payments implements app.Payments.
type Payments struct{}

const paymentColumns = `id, version, customer_id, currency_code, minor_units, status, order_id, created_at, updated_at`

// Get implements app.Payments.
func (Payments) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Payment, error) {
	payment, err := scanPayment(tx.QueryRow(ctx, `SELECT `+paymentColumns+` FROM payments WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, domain.PaymentNotFound(id)
	}
	return payment, err
}

// Save implements app.Payments. Customer and amount never change.
func (Payments) Save(tx *store.Tx, payment *domain.Payment) {
	if len(payment.Events()) == 0 {
		return
	}
	state, meta := payment.State(), payment.Meta()
	if payment.StoredVersion() == 0 {
		tx.Queue(`INSERT INTO payments (`+paymentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			meta.ID, meta.Version, state.CustomerID, state.Amount.Currency(), state.Amount.MinorUnits(), string(state.Status), state.OrderID,
			meta.CreatedAt, meta.UpdatedAt)
		return
	}
	tx.QueueOne(store.ErrConflict,
		`UPDATE payments SET version = $3, status = $4, order_id = $5, updated_at = $6 WHERE id = $1 AND version = $2`,
		meta.ID, payment.StoredVersion(), meta.Version, string(state.Status), state.OrderID, meta.UpdatedAt)
}

func scanPayment(row store.Scanner) (*domain.Payment, error) {
	var meta aggregate.Meta
	var state domain.PaymentState
	var currency string
	var minorUnits int64
	err := row.Scan(&meta.ID, &meta.Version, &state.CustomerID, &currency, &minorUnits, &state.Status, &state.OrderID,
		&meta.CreatedAt, &meta.UpdatedAt)
	if err != nil {
		return nil, err
	}
	if state.Amount, err = restoreAmount(currency, minorUnits); err != nil {
		return nil, fmt.Errorf("payment %s: %w", meta.ID, err)
	}
	return domain.RestorePayment(meta, state), nil
}

func restoreAmount(currency string, minorUnits int64) (money.Money, error) {
	amount, err := money.New(currency, minorUnits)
	if err != nil {
		return amount, fmt.Errorf("stored amount: %v", err) //nolint:errorlint // a broken row is no fault of the caller
	}
	return amount, nil
}
