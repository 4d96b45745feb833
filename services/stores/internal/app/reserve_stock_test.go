package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/stores/internal/app"
	"mallbots.example/services/stores/internal/domain"
	storesstore "mallbots.example/services/stores/internal/store"
)

// silent is an app.Events that tells nobody.
type silent struct{}

func (silent) PublishStore(context.Context, *store.Tx, *domain.Store)     {}
func (silent) PublishProduct(context.Context, *store.Tx, *domain.Product) {}

// mall is a store with products, and the use cases over it, which tests call side by side: as the replicas of the service do.
type mall struct {
	*app.App
	db       *store.DB
	products []string // each with as many pieces as open was told
}

func each(t *testing.T, products int, pieces int64, test func(t *testing.T, m mall)) {
	storetest.Each(t, []store.Schema{es.Schema, storesstore.Schema}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		clk := clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
		m := mall{app.New(db, storesstore.New(), silent{}, clk, id.Sequence()), db, nil}
		shop, err := m.CreateStore(ctx, "Waldorf Books", "Level 2, unit 14")
		require.NoError(t, err)
		_, err = m.EnableParticipation(ctx, shop.ID)
		require.NoError(t, err)
		stock, err := domain.Limited(pieces)
		require.NoError(t, err)
		for range products {
			listing, err := m.AddProduct(ctx, domain.NewProduct{StoreID: shop.ID, Name: "Gadget", Price: money.Must("USD", 100)}, stock)
			require.NoError(t, err)
			m.products = append(m.products, listing.ID)
		}
		test(t, m)
	})
}

// reserve runs a unit of work with one command, as the consumer does.
func (m mall) reserve(ctx context.Context, order string, items ...domain.Line) error {
	return m.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error { return m.ReserveStock(ctx, tx, order, items) })
}

func (m mall) one(product int) domain.Line {
	return domain.Line{ProductID: m.products[product], Quantity: 1}
}

func (m mall) available(t *testing.T, product int) int64 {
	t.Helper()
	listing, err := m.GetProduct(t.Context(), m.products[product])
	require.NoError(t, err)
	available, limited := listing.Stock.Available()
	require.True(t, limited)
	return available
}

// atOnce runs n calls side by side and gives their errors.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	calls.Wait()
	return errs
}

func TestTheLastPieceGoesToExactlyOne(t *testing.T) {
	each(t, 1, 1, func(t *testing.T, m mall) {
		won := 0
		for _, err := range atOnce(16, func(i int) error { return m.reserve(t.Context(), fmt.Sprint("order", i), m.one(0)) }) {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, domain.ErrOutOfStock)
		}
		require.Equal(t, 1, won)
		require.Zero(t, m.available(t, 0))
	})
}

// Both units have read the shelves before either has taken: only the condition of the statement keeps them apart.
func TestTheLastPieceIsCheckedWhenItIsTaken(t *testing.T) {
	each(t, 1, 1, func(t *testing.T, m mall) {
		parties := min(2, m.db.Lanes()) // SQLite has one unit at a time
		arrived := newBarrier(parties)
		errs := atOnce(2, func(i int) error {
			return m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if err := m.ReserveStock(ctx, tx, fmt.Sprint("order", i), []domain.Line{m.one(0)}); err != nil {
					return err
				}
				return arrived.wait(ctx)
			})
		})
		if errs[0] != nil {
			errs[0], errs[1] = errs[1], errs[0]
		}
		require.NoError(t, errs[0])
		require.ErrorIs(t, errs[1], domain.ErrOutOfStock)
		require.Zero(t, m.available(t, 0))
	})
}

// A unit that failed has taken nothing, whichever of its products was short.
func TestAllOrNothingHoldsAgainstOthersToo(t *testing.T) {
	const orders, pieces = 12, 5
	each(t, 2, pieces, func(t *testing.T, m mall) {
		won := int64(0)
		for _, err := range atOnce(orders, func(i int) error {
			return m.reserve(t.Context(), fmt.Sprint("order", i), m.one(i%2), m.one((i+1)%2))
		}) {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, domain.ErrOutOfStock)
		}
		require.EqualValues(t, pieces, won)
		require.Zero(t, m.available(t, 0))
		require.Zero(t, m.available(t, 1))
	})
}

// The consumer puts many commands into one unit. Two units that take the same products in opposite order don't wait for each other.
func TestUnitsOfManyOrdersDoNotLockEachOtherOut(t *testing.T) {
	each(t, 2, 10, func(t *testing.T, m mall) {
		arrived := newBarrier(min(2, m.db.Lanes()))
		var runs [2]int
		for _, err := range atOnce(2, func(i int) error {
			return m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				runs[i]++
				for j := range 2 {
					order := fmt.Sprintf("order %d.%d", i, j)
					if err := m.ReserveStock(ctx, tx, order, []domain.Line{m.one((i + j) % 2)}); err != nil {
						return err
					}
					// Had each taken its first product by now, neither would get its second.
					if err := arrived.wait(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}) {
			require.NoError(t, err)
		}
		require.Equal(t, [2]int{1, 1}, runs, "a deadlock makes a unit run again")
		require.EqualValues(t, 8, m.available(t, 0))
		require.EqualValues(t, 8, m.available(t, 1))
	})
}

func TestAUnitGivesAndTakesTheSamePieces(t *testing.T) {
	each(t, 1, 3, func(t *testing.T, m mall) {
		three := domain.Line{ProductID: m.products[0], Quantity: 3}
		require.NoError(t, m.reserve(t.Context(), "first", three))
		require.NoError(t, m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := m.ReleaseStock(ctx, tx, "first"); err != nil {
				return err
			}
			return m.ReleaseStock(ctx, tx, "first")
		}))
		require.EqualValues(t, 3, m.available(t, 0), "two copies in one unit give back once")
		require.NoError(t, m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := m.ReserveStock(ctx, tx, "second", []domain.Line{three}); err != nil {
				return err
			}
			return m.ReleaseStock(ctx, tx, "second")
		}))
		require.EqualValues(t, 3, m.available(t, 0), "taken and given back")
	})
}

func TestOneUnitCannotTakeMoreThanThereIs(t *testing.T) {
	each(t, 1, 3, func(t *testing.T, m mall) {
		err := m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for i := range 4 {
				if err := m.ReserveStock(ctx, tx, fmt.Sprint("order", i), []domain.Line{m.one(0)}); err != nil {
					return err
				}
			}
			return nil
		})
		refusal, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, "OUT_OF_STOCK", refusal.Reason)
		require.Contains(t, refusal.Message, m.products[0])
		require.EqualValues(t, 3, m.available(t, 0))
	})
}

// Copies of the messages of one order, handled by several replicas at once.
func TestCopiesAtOnceCountOnce(t *testing.T) {
	each(t, 1, 9, func(t *testing.T, m mall) {
		three := domain.Line{ProductID: m.products[0], Quantity: 3}
		for _, err := range atOnce(4, func(int) error { return m.reserve(t.Context(), "order", three) }) {
			require.NoError(t, err)
		}
		require.EqualValues(t, 6, m.available(t, 0))
		for _, err := range atOnce(4, func(int) error {
			return m.db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return m.ReleaseStock(ctx, tx, "order") })
		}) {
			require.NoError(t, err)
		}
		require.EqualValues(t, 9, m.available(t, 0))
	})
}

func TestAdjustmentsAndReservationsAtOnceAllCount(t *testing.T) {
	each(t, 1, 10, func(t *testing.T, m mall) {
		for _, err := range atOnce(16, func(i int) error {
			if i%2 == 0 {
				return m.reserve(t.Context(), fmt.Sprint("order", i), m.one(0))
			}
			_, err := m.AdjustStock(t.Context(), m.products[0], 2)
			return err
		}) {
			require.NoError(t, err)
		}
		require.EqualValues(t, 10-8+8*2, m.available(t, 0))
	})
}

// deadline bounds what a test waits for.
const deadline = 20 * time.Second

// barrier lets nobody pass before so many are there; afterwards everybody.
type barrier struct {
	mu      sync.Mutex
	missing int
	open    chan struct{}
}

func newBarrier(parties int) *barrier { return &barrier{missing: parties, open: make(chan struct{})} }

func (b *barrier) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	b.mu.Lock()
	if b.missing--; b.missing == 0 {
		close(b.open)
	}
	b.mu.Unlock()
	select {
	case <-b.open:
		return nil
	case <-ctx.Done():
		return errors.New("the others did not come: they wait for this unit of work")
	}
}
