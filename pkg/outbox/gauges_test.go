package outbox

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
)

func TestTheBacklogAndTheAgeOfItsOldestRowAreGauges(t *testing.T) {
	each(t, func(r *rig) {
		manual := clock.NewManual(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
		o := r.outbox(func(c *Config) { c.Clock = manual })
		board := gauge.NewBoard(slog.New(slog.DiscardHandler), o.Gauges())
		told := func(unsent, age string) {
			t.Helper()
			board.Look(r.Context())
			require.NoError(r, testutil.CollectAndCompare(board, strings.NewReader(`
# HELP outbox_unsent_messages Messages that are committed and not known to be sent; the same from every replica.
# TYPE outbox_unsent_messages gauge
outbox_unsent_messages `+unsent+`
# HELP outbox_unsent_oldest_age_seconds For how long the oldest of them has waited, 0 when there is none; the same from every replica.
# TYPE outbox_unsent_oldest_age_seconds gauge
outbox_unsent_oldest_age_seconds `+age+"\n")))
		}
		told("0", "0")
		r.publish(o, "a")
		manual.Advance(90 * time.Second)
		r.publish(o, "b")
		told("2", "90")
		stop := r.run(o)
		defer stop()
		r.eventually(func() bool { return r.unsent(o) == 0 })
		told("0", "0")
	})
}
