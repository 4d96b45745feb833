package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/domain"
)

// Invoices implements app.Invoices.
type Invoices struct{}

const invoiceColumns = `id, version, order_id, customer_id, payment_id, currency_code, minor_units, status, created_at, updated_at`

// Get implements app.Invoices.
func (Invoices) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Invoice, error) {
	invoice, err := scanInvoice(tx.QueryRow(ctx, `SELECT `+invoiceColumns+` FROM invoices WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, domain.InvoiceNotFound(id)
	}
	return invoice, err
}

// OfOrder implements app.Invoices.
func (Invoices) OfOrder(ctx context.Context, tx *store.Tx, orderID string) (*domain.Invoice, bool, error) {
	invoice, err := scanInvoice(tx.QueryRow(ctx, `SELECT `+invoiceColumns+` FROM invoices WHERE order_id = $1`, orderID))
	if errors.Is(err, store.ErrNoRows) {
		return nil, false, nil
	}
	return invoice, err == nil, err
}

// List implements app.Invoices. Ids are UUIDv7: their order is that of creation. Only the filters that are set are in the query, so that
// each combination has its index.
func (Invoices) List(ctx context.Context, tx *store.Tx, filter app.InvoiceFilter, after string, limit int) ([]*domain.Invoice, error) {
	conditions, args := []string{`TRUE`}, []any{limit}
	where := func(condition, value string) {
		if value != "" {
			args = append(args, value)
			conditions = append(conditions, fmt.Sprintf(condition, len(args)))
		}
	}
	where(`customer_id = $%d`, filter.CustomerID)
	where(`order_id = $%d`, filter.OrderID)
	where(`id < $%d`, after)
	return store.All(ctx, tx, func(row *store.Rows) (*domain.Invoice, error) { return scanInvoice(row) },
		`SELECT `+invoiceColumns+` FROM invoices WHERE `+strings.Join(conditions, ` AND `)+` ORDER BY id DESC LIMIT $1`, args...)
}

// Decide implements app.Invoices: of rows with the same key, the database takes one.
func (Invoices) Decide(ctx context.Context, tx *store.Tx, orderID string) (bool, error) {
	inserted, err := tx.Exec(ctx, `INSERT INTO decided_orders (order_id) VALUES ($1) ON CONFLICT DO NOTHING`, orderID)
	return inserted == 1, err
}

// Save implements app.Invoices. Whose it is and what for never changes.
func (Invoices) Save(tx *store.Tx, invoice *domain.Invoice) {
	if len(invoice.Events()) == 0 {
		return
	}
	state, meta := invoice.State(), invoice.Meta()
	if invoice.StoredVersion() == 0 {
		tx.Queue(`INSERT INTO invoices (`+invoiceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			meta.ID, meta.Version, state.OrderID, state.CustomerID, state.PaymentID, state.Amount.Currency(), state.Amount.MinorUnits(),
			string(state.Status), meta.CreatedAt, meta.UpdatedAt)
		return
	}
	tx.QueueOne(store.ErrConflict,
		`UPDATE invoices SET version = $3, minor_units = $4, status = $5, updated_at = $6 WHERE id = $1 AND version = $2`,
		meta.ID, invoice.StoredVersion(), meta.Version, state.Amount.MinorUnits(), string(state.Status), meta.UpdatedAt)
}

func scanInvoice(row store.Scanner) (*domain.Invoice, error) {
	var meta aggregate.Meta
	var state domain.InvoiceState
	var currency string
	var minorUnits int64
	err := row.Scan(&meta.ID, &meta.Version, &state.OrderID, &state.CustomerID, &state.PaymentID, &currency, &minorUnits, &state.Status,
		&meta.CreatedAt, &meta.UpdatedAt)
	if err != nil {
		return nil, err
	}
	if state.Amount, err = restoreAmount(currency, minorUnits); err != nil {
		return nil, fmt.Errorf("invoice %s: %w", meta.ID, err)
	}
	return domain.RestoreInvoice(meta, state), nil
}
