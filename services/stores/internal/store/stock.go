package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// stock implements app.Stock.
type stock struct{}

// Open implements app.Stock.
func (stock) Open(tx *store.Tx, productID string, s domain.Stock) {
	tx.Queue(`INSERT INTO stock (product_id, available) VALUES ($1, $2)`, productID, column(s))
}

// Lock implements app.Stock.
func (stock) Lock(ctx context.Context, tx *store.Tx, productID string) (domain.Stock, error) {
	var available sql.Null[int64]
	err := tx.QueryRow(ctx, `SELECT available FROM stock WHERE product_id = $1`+tx.ForUpdate(), productID).Scan(&available)
	if errors.Is(err, store.ErrNoRows) {
		return domain.Stock{}, domain.ProductNotFound(productID)
	}
	if err != nil {
		return domain.Stock{}, err
	}
	return restoreStock(productID, available)
}

// Set implements app.Stock.
func (stock) Set(tx *store.Tx, productID string, s domain.Stock) {
	tx.QueueOne(store.ErrConflict, `UPDATE stock SET available = $2 WHERE product_id = $1`, productID, column(s))
}

// Take implements app.Stock.
func (stock) Take(tx *store.Tx, lines []domain.Line) {
	for _, line := range lines {
		ledgerOf(tx).move(tx, line.ProductID, -line.Quantity)
	}
}

// GiveBack implements app.Stock.
func (stock) GiveBack(tx *store.Tx, lines []domain.Line) {
	for _, line := range lines {
		ledgerOf(tx).move(tx, line.ProductID, line.Quantity)
	}
}

// ledger adds up what a unit of work takes and gives back, and writes it when the unit is about to commit, one statement per product in
// the order of their ids. A unit may hold the commands of many orders: written as they come, two units would wait for each other's
// products (a deadlock, which costs a second), and every order for a popular product would wait for the reads of those before it.
type ledger struct {
	moves map[string]int64
}

type ledgerKey struct{}

func ledgerOf(tx *store.Tx) *ledger {
	return tx.Attach(ledgerKey{}, func() any { return &ledger{moves: map[string]int64{}} }).(*ledger)
}

func (l *ledger) move(tx *store.Tx, productID string, pieces int64) {
	if len(l.moves) == 0 {
		tx.BeforeCommit(func(context.Context) error {
			l.post(tx)
			return nil
		})
	}
	l.moves[productID] += pieces
}

// post takes with a condition: others may have taken the last pieces since this unit has read the shelves.
func (l *ledger) post(tx *store.Tx) {
	for _, productID := range slices.Sorted(maps.Keys(l.moves)) {
		switch pieces := l.moves[productID]; {
		case pieces < 0:
			tx.QueueOne(domain.OutOfStock(productID),
				`UPDATE stock SET available = available - $2 WHERE product_id = $1 AND available >= $2`, productID, -pieces)
		case pieces > 0:
			tx.QueueOne(fmt.Errorf("stock of product %s is not there to give back to", productID),
				`UPDATE stock SET available = available + $2 WHERE product_id = $1 AND available IS NOT NULL`, productID, pieces)
		}
	}
	clear(l.moves)
}

// column is the form of a stock in its row: NULL is unlimited.
func column(s domain.Stock) sql.Null[int64] {
	available, limited := s.Available()
	return sql.Null[int64]{V: available, Valid: limited}
}

func restoreStock(productID string, available sql.Null[int64]) (domain.Stock, error) {
	if !available.Valid {
		return domain.Unlimited(), nil
	}
	s, err := domain.Limited(available.V)
	if err != nil {
		return s, fmt.Errorf("stock of product %s: %v", productID, err) //nolint:errorlint // a broken row is no fault of the caller
	}
	return s, nil
}
