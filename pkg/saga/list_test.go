package saga_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

func (m *mall) list(filter saga.Filter, page saga.Page) (sagas []saga.Saga) {
	m.Helper()
	require.NoError(m, m.db.Read(m.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		sagas, err = saga.List(ctx, tx, filter, page)
		return err
	}))
	return sagas
}

func ids(sagas []saga.Saga) (ids []string) {
	for _, s := range sagas {
		ids = append(ids, s.Name+" "+s.ID)
	}
	return ids
}

func TestSagasAreListedNewestFirstByPageNameStateAndHowLongTheyAreStuck(t *testing.T) {
	each(t, func(m *mall) {
		other := createOrder()
		other.Name = "CancelOrder"
		cancel := m.replica(other)
		require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error { return cancel.Start(ctx, tx, "1", order{ID: "1"}) }))
		m.start(order{ID: "1"}) // at the same time
		m.clock.Advance(time.Second)
		m.start(order{ID: "2"})
		m.clock.Advance(time.Second)
		m.start(order{ID: "3"})
		sent := m.bus.take()
		m.answer(sent[2], refused("DISABLED"))

		all := []string{"CreateOrder 3", "CreateOrder 2", "CreateOrder 1", "CancelOrder 1"}
		require.Equal(m, all, ids(m.list(saga.Filter{}, saga.Page{})))
		var paged []string
		var after saga.Cursor
		for range all {
			page := m.list(saga.Filter{}, saga.Page{Size: 1, After: after})
			paged, after = append(paged, ids(page)...), page[0].Cursor()
		}
		require.Equal(m, all, paged)
		require.Empty(m, m.list(saga.Filter{}, saga.Page{After: after}))

		require.Equal(m, all[3:], ids(m.list(saga.Filter{Name: "CancelOrder"}, saga.Page{})))
		require.Equal(m, all[1:2], ids(m.list(saga.Filter{State: saga.StateCompensating}, saga.Page{})))
		require.Equal(m, all[2:], ids(m.list(saga.Filter{StuckSince: m.clock.Now().Add(-time.Second)}, saga.Page{})))

		out := m.sent("RejectOrder 2 for customer DISABLED")
		m.answer(out, fine(out))
		require.Equal(m, []string{all[0], all[2], all[3]}, ids(m.list(saga.Filter{StuckSince: m.clock.Now().Add(time.Hour)}, saga.Page{})),
			"one that has ended is not stuck")
	})
}

func TestAPageHasALimit(t *testing.T) {
	each(t, func(m *mall) {
		require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error {
			for i := range saga.MaxPage + 1 {
				if err := m.o.Start(ctx, tx, fmt.Sprint(i), order{}); err != nil {
					return err
				}
			}
			return nil
		}))
		require.Len(m, m.list(saga.Filter{}, saga.Page{}), saga.DefaultPage)
		require.Len(m, m.list(saga.Filter{}, saga.Page{Size: saga.MaxPage + 1}), saga.MaxPage)
	})
}

func TestASagaThatThereIsNotCannotBeShown(t *testing.T) {
	each(t, func(m *mall) {
		err := m.db.Read(m.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, _, err := saga.Show(ctx, tx, "CreateOrder", "nobody")
			return err
		})
		require.ErrorIs(m, err, &fault.Error{Reason: saga.NotFoundReason})
	})
}

func TestSagasThatStandAtOneStepForLongAreOverdue(t *testing.T) {
	each(t, func(m *mall) {
		overdue := func() (n int) {
			require.NoError(m, m.db.Read(m.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
				n, err = m.o.Overdue(ctx, tx)
				return err
			}))
			return n
		}
		m.start(order{ID: orderID})
		m.answer(m.upTo("ReserveStock order-1"), refused("CLOSED"))
		out := m.sent("RejectOrder order-1 for stock CLOSED")
		m.wait(5 * time.Minute)
		require.Zero(m, overdue())
		m.wait(time.Minute)
		require.Equal(m, 1, overdue(), "sending again is no progress")
		m.answer(out, fine(out))
		require.Zero(m, overdue())
	})
}
