package app_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/domain"
	paymentstore "mallbots.example/services/payments/internal/store"
)

// rivals is how many units of work want the same; fewer than a database has connections.
const rivals = 4

// told counts what was committed.
type told struct {
	mu     sync.Mutex
	events map[string]int
}

// PublishPayment implements app.Events.
func (e *told) PublishPayment(_ context.Context, tx *store.Tx, payment *domain.Payment) {
	for _, event := range payment.Events() {
		tx.OnCommit(func() { e.count("payment " + string(event)) })
	}
}

// PublishInvoice implements app.Events.
func (e *told) PublishInvoice(_ context.Context, tx *store.Tx, invoice *domain.Invoice) {
	for _, event := range invoice.Events() {
		tx.OnCommit(func() { e.count("invoice " + string(event)) })
	}
}

func (e *told) count(event string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events[event]++
}

// startingLine lets the first units of work go on only when all of them have read the same: the worst that can happen.
type startingLine struct {
	waiting sync.WaitGroup
	reads   atomic.Int64
}

// newStartingLine waits for nobody on a database that runs one unit of work at a time.
func newStartingLine(db *store.DB) *startingLine {
	l := &startingLine{}
	if db.Lanes() > 1 {
		l.waiting.Add(rivals)
	} else {
		l.reads.Store(rivals)
	}
	return l
}

func (l *startingLine) cross() {
	if l.reads.Add(1) <= rivals {
		l.waiting.Done()
		l.waiting.Wait()
	}
}

type paymentsAtOnce struct {
	app.Payments
	line *startingLine
}

// Get implements app.Payments.
func (p paymentsAtOnce) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Payment, error) {
	payment, err := p.Payments.Get(ctx, tx, id)
	p.line.cross()
	return payment, err
}

// each runs test with use cases of which rivals read the same payment before any of them writes.
func each(t *testing.T, test func(t *testing.T, db *store.DB, a, atOnce *app.App, events *told)) {
	storetest.Each(t, []store.Schema{paymentstore.Schema}, func(t *testing.T, db *store.DB) {
		events := &told{events: map[string]int{}}
		manual := clock.NewManual(servicetest.Now)
		a := app.New(db, paymentstore.Payments{}, paymentstore.Invoices{}, events, manual, id.UUIDv7)
		slow := paymentsAtOnce{Payments: paymentstore.Payments{}, line: newStartingLine(db)}
		test(t, db, a, app.New(db, slow, paymentstore.Invoices{}, events, manual, id.UUIDv7), events)
	})
}

// race runs the rivals and gives the errors of those that lost.
func race(run func(rival int) error) []error {
	errs := make([]error, rivals)
	var running sync.WaitGroup
	for n := range rivals {
		running.Go(func() { errs[n] = run(n) })
	}
	running.Wait()
	var lost []error
	for _, err := range errs {
		if err != nil {
			lost = append(lost, err)
		}
	}
	return lost
}

func authorized(t *testing.T, a *app.App) domain.Order {
	t.Helper()
	payment, err := a.AuthorizePayment(t.Context(), "ada", money.Must("USD", 2500))
	require.NoError(t, err)
	return domain.Order{ID: id.UUIDv7(), CustomerID: "ada", PaymentID: payment.ID(), Total: money.Must("USD", 2000)}
}

func do(t *testing.T, db *store.DB, work func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), work))
}

func invoicesOf(t *testing.T, a *app.App, orderID string) []*domain.Invoice {
	t.Helper()
	invoices, err := a.ListInvoices(t.Context(), app.InvoiceFilter{OrderID: orderID}, "", 10)
	require.NoError(t, err)
	return invoices
}

func TestAPaymentThatOrdersConfirmAtOnceIsBoundToOne(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, atOnce *app.App, events *told) {
		order := authorized(t, a)
		lost := race(func(int) error {
			mine := order
			mine.ID = id.UUIDv7()
			return db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return atOnce.ConfirmPayment(ctx, tx, mine) })
		})
		require.Len(t, lost, rivals-1)
		for _, err := range lost {
			require.ErrorIs(t, err, domain.ErrInUse)
		}
		payment, err := a.GetPayment(t.Context(), order.PaymentID)
		require.NoError(t, err)
		require.Equal(t, domain.Confirmed, payment.State().Status)
		require.NotEmpty(t, payment.State().OrderID)
		require.EqualValues(t, 2, payment.Meta().Version)
		require.Equal(t, map[string]int{"payment authorized": 1, "payment confirmed": 1}, events.events)
	})
}

func TestAnInvoiceThatIsPaidTwiceAtOnceIsPaidOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, atOnce *app.App, events *told) {
		order := authorized(t, a)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.ConfirmPayment(ctx, tx, order) })
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.CreateInvoice(ctx, tx, order) })
		invoice := invoicesOf(t, a, order.ID)[0]
		lost := race(func(int) error {
			_, err := atOnce.PayInvoice(t.Context(), invoice.ID())
			return err
		})
		require.Len(t, lost, rivals-1)
		for _, err := range lost {
			require.ErrorIs(t, err, domain.ErrNotPending)
		}
		require.Equal(t, domain.Paid, invoicesOf(t, a, order.ID)[0].State().Status)
		require.Equal(t, 1, events.events["invoice paid"])
		require.Equal(t, 1, events.events["payment captured"])
	})
}

// Whoever is first, the money is taken for a paid invoice, or given back and the invoice not paid.
func TestAPaymentThatIsVoidedWhileItIsCapturedIsOneOfBoth(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, atOnce *app.App, events *told) {
		order := authorized(t, a)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.ConfirmPayment(ctx, tx, order) })
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.CreateInvoice(ctx, tx, order) })
		invoice := invoicesOf(t, a, order.ID)[0]
		race(func(rival int) error {
			if rival%2 == 0 {
				_, err := atOnce.PayInvoice(t.Context(), invoice.ID())
				return err
			}
			return db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				return atOnce.VoidPayment(ctx, tx, order.PaymentID, order.ID)
			})
		})
		payment, err := a.GetPayment(t.Context(), order.PaymentID)
		require.NoError(t, err)
		paid := invoicesOf(t, a, order.ID)[0].State().Status == domain.Paid
		if paid {
			require.Equal(t, domain.Captured, payment.State().Status)
		} else {
			require.Equal(t, domain.Voided, payment.State().Status)
		}
		require.Equal(t, 1, events.events["payment captured"]+events.events["payment voided"])
	})
}

// Whoever is first, the order that hears of it is completed or canceled, never told both.
func TestAnInvoiceThatIsCanceledWhileItIsPaidIsOneOfBoth(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, atOnce *app.App, events *told) {
		order := authorized(t, a)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.ConfirmPayment(ctx, tx, order) })
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.CreateInvoice(ctx, tx, order) })
		invoice := invoicesOf(t, a, order.ID)[0]
		lost := race(func(rival int) error {
			end := atOnce.PayInvoice
			if rival%2 == 0 {
				end = atOnce.CancelInvoice
			}
			_, err := end(t.Context(), invoice.ID())
			return err
		})
		require.Len(t, lost, rivals-1)
		for _, err := range lost {
			require.ErrorIs(t, err, domain.ErrNotPending)
		}
		payment, err := a.GetPayment(t.Context(), order.PaymentID)
		require.NoError(t, err)
		paid := invoicesOf(t, a, order.ID)[0].State().Status == domain.Paid
		require.Equal(t, paid, payment.State().Status == domain.Captured)
		require.Equal(t, 1, events.events["invoice paid"]+events.events["invoice canceled"])
	})
}

func TestAnOrderThatIsToldReadyTwiceAtOnceHasOneInvoice(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, _ *app.App, events *told) {
		order := authorized(t, a)
		lost := race(func(int) error {
			return db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return a.CreateInvoice(ctx, tx, order) })
		})
		require.Empty(t, lost)
		require.Len(t, invoicesOf(t, a, order.ID), 1)
		require.Equal(t, 1, events.events["invoice created"])
	})
}

func TestAnOrderThatIsCanceledWhileItBecomesReadyIsNeverToBePaid(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, _ *app.App, _ *told) {
		for range 10 {
			order := authorized(t, a)
			lost := race(func(rival int) error {
				return db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					if rival%2 == 0 {
						return a.CreateInvoice(ctx, tx, order)
					}
					return a.CancelOrderInvoice(ctx, tx, order.ID)
				})
			})
			require.Empty(t, lost)
			for _, invoice := range invoicesOf(t, a, order.ID) {
				require.Equal(t, domain.Canceled, invoice.State().Status)
			}
		}
	})
}

func TestAConflictIsNoRefusal(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, a, _ *app.App, _ *told) {
		order := authorized(t, a)
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			payment, err := paymentstore.Payments{}.Get(ctx, tx, order.PaymentID)
			if err != nil {
				return err
			}
			if err := a.ConfirmPayment(ctx, tx, order); err != nil {
				return err
			}
			payment.Void(order.ID, servicetest.Now) // as it was read before the payment was confirmed
			paymentstore.Payments{}.Save(tx, payment)
			return nil
		})
		refusal, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, fault.Conflict, refusal.Kind)
		unchanged, err := a.GetPayment(t.Context(), order.PaymentID)
		require.NoError(t, err)
		require.Equal(t, domain.Authorized, unchanged.State().Status, "the unit of work is all or nothing")
	})
}
