package saga_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/saga"
)

func TestSagasThatHaveNotEndedAreGaugesByNameAndState(t *testing.T) {
	each(t, func(m *mall) {
		other := createOrder()
		other.Name = "CancelOrder"
		board := gauge.NewBoard(slog.New(slog.DiscardHandler), m.o.Gauges(), m.replica(other).Gauges())
		told := func(running, compensating, overdue string) {
			t.Helper()
			board.Look(m.Context())
			require.NoError(m, testutil.CollectAndCompare(board, strings.NewReader(`
# HELP sagas_open Sagas that have not ended; the same from every replica.
# TYPE sagas_open gauge
sagas_open{saga="CancelOrder",state="compensating"} 0
sagas_open{saga="CancelOrder",state="running"} 0
sagas_open{saga="CreateOrder",state="compensating"} `+compensating+`
sagas_open{saga="CreateOrder",state="running"} `+running+`
# HELP sagas_overdue Sagas that stand at one step for far longer than a step takes; the same from every replica.
# TYPE sagas_overdue gauge
sagas_overdue{saga="CancelOrder"} 0
sagas_overdue{saga="CreateOrder"} `+overdue+"\n")))
		}
		told("0", "0", "0")
		m.start(order{ID: "1"})
		m.start(order{ID: "2"})
		m.start(order{ID: "3"})
		told("3", "0", "0")
		sent := m.bus.take()
		m.answer(sent[0], refused("DISABLED"))
		told("2", "1", "0")
		out := m.sent("RejectOrder 1 for customer DISABLED")
		m.clock.Advance(time.Hour)
		told("2", "1", "3")
		m.answer(out, fine(out))
		told("2", "0", "2")
		require.Equal(m, 2, len(m.list(saga.Filter{State: saga.StateRunning}, saga.Page{})))
	})
}
