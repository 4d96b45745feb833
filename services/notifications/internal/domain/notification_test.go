package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/notifications/internal/domain"
)

const number = "+4915112345678"

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
	order   = domain.Order{ID: "0193570a-0000-7000-8000-00009f2c41ab", CustomerID: "ada"}
)

func stored(status domain.Status, attempts int32) *domain.Notification {
	state := domain.State{
		CustomerID: "ada", OrderID: "order", Kind: domain.OrderReady, SmsNumber: number, Text: "ready", Status: status, Attempts: attempts,
		DueAt: monday,
	}
	if status == domain.Sent {
		state.SentAt = monday
	}
	return domain.Restore(aggregate.Meta{ID: "n", Version: 3, CreatedAt: monday, UpdatedAt: monday}, state)
}

func TestANewNotificationIsQueuedAndDue(t *testing.T) {
	n, err := domain.Write("n", domain.OrderReady, order, number, monday)
	require.NoError(t, err)
	require.Equal(t, domain.Queued, n.State().Status)
	require.Equal(t, monday, n.State().DueAt)
	require.Equal(t, number, n.State().SmsNumber)
	require.Contains(t, n.State().Text, "9F2C41AB is ready")
	require.Equal(t, []domain.Event{domain.Written}, n.Events())
	require.Equal(t, aggregate.Meta{ID: "n", Version: 1, CreatedAt: monday, UpdatedAt: monday}, n.Meta())
}

func TestANotificationToNobodyHasFailedFromTheStart(t *testing.T) {
	n, err := domain.Write("n", domain.OrderReady, order, "", monday)
	require.NoError(t, err)
	require.Equal(t, domain.Failed, n.State().Status)
	require.Equal(t, domain.FailureUnknownCustomer, n.State().Failure)
	require.Zero(t, n.State().Attempts)
	require.Equal(t, []domain.Event{domain.GivenUp}, n.Events())
	require.EqualValues(t, 1, n.Meta().Version)
}

func TestANotificationIsOfAnOrderAndAKind(t *testing.T) {
	for name, test := range map[string]struct {
		kind  domain.Kind
		order domain.Order
		field string
	}{
		"no order":     {domain.OrderReady, domain.Order{CustomerID: "ada"}, "order_id"},
		"no kind":      {"", order, "kind"},
		"unknown kind": {"order_eaten", order, "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := domain.Write("n", test.kind, test.order, number, monday)
			refusal, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.Invalid, refusal.Kind)
			require.Equal(t, test.field, refusal.Fields[0].Name)
		})
	}
}

// Each state × each thing that can happen to it.
func TestWhatBecomesOfANotification(t *testing.T) {
	try := func(n *domain.Notification) { n.Try(tuesday) }
	deliver := func(n *domain.Notification) { n.Deliver(tuesday) }
	miss := func(n *domain.Notification) { n.Miss("busy", 0, tuesday) }
	refuse := func(n *domain.Notification) { n.Refuse("no such number", tuesday) }
	retry := func(n *domain.Notification) { _ = n.Retry(number, tuesday) } // what it refuses is below
	const last = domain.MaxAttempts
	for name, test := range map[string]struct {
		from     domain.Status
		attempts int32
		do       func(*domain.Notification)
		to       domain.Status
		event    domain.Event // "": nothing changes
	}{
		"a queued one is tried":                            {domain.Queued, 0, try, domain.Queued, domain.Tried},
		"a missed one is tried again":                      {domain.Queued, 1, try, domain.Queued, domain.Tried},
		"one tried as often as allowed is given up":        {domain.Queued, last, try, domain.Failed, domain.GivenUp},
		"a tried one is delivered":                         {domain.Queued, 1, deliver, domain.Sent, domain.Delivered},
		"one delivered at the last attempt is sent":        {domain.Queued, last, deliver, domain.Sent, domain.Delivered},
		"a missed one stays queued":                        {domain.Queued, 1, miss, domain.Queued, domain.Missed},
		"one that misses its last attempt is given up":     {domain.Queued, last, miss, domain.Failed, domain.GivenUp},
		"one that will never be delivered is given up":     {domain.Queued, 1, refuse, domain.Failed, domain.GivenUp},
		"a sent one is not tried":                          {domain.Sent, 1, try, domain.Sent, ""},
		"a sent one is not sent again":                     {domain.Sent, 1, deliver, domain.Sent, ""},
		"a sent one is not missed by a late news":          {domain.Sent, 1, miss, domain.Sent, ""},
		"a sent one is not given up":                       {domain.Sent, 1, refuse, domain.Sent, ""},
		"a failed one is not tried":                        {domain.Failed, last, try, domain.Failed, ""},
		"a failed one stays failed whatever a carrier did": {domain.Failed, last, deliver, domain.Failed, ""},
		"a failed one is not missed":                       {domain.Failed, last, miss, domain.Failed, ""},
		"a failed one is not given up again":               {domain.Failed, last, refuse, domain.Failed, ""},
		"a failed one is queued again":                     {domain.Failed, last, retry, domain.Queued, domain.Retried},
		"a queued one is not queued again":                 {domain.Queued, 1, retry, domain.Queued, ""},
		"a sent one is not queued again":                   {domain.Sent, 1, retry, domain.Sent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := stored(test.from, test.attempts)
			before := n.State()
			test.do(n)
			require.Equal(t, test.to, n.State().Status)
			if test.event == "" {
				require.Empty(t, n.Events())
				require.Equal(t, before, n.State())
				require.EqualValues(t, 3, n.Meta().Version)
				return
			}
			require.Equal(t, []domain.Event{test.event}, n.Events())
			require.EqualValues(t, 4, n.Meta().Version)
			require.Equal(t, tuesday, n.Meta().UpdatedAt)
			require.Equal(t, test.to == domain.Sent, !n.State().SentAt.IsZero())
		})
	}
}

func TestWhoTriesHasTheNotificationInHandForAWhile(t *testing.T) {
	n := stored(domain.Queued, 0)
	require.True(t, n.Try(tuesday))
	require.EqualValues(t, 1, n.State().Attempts)
	require.Equal(t, tuesday.Add(domain.InHand), n.State().DueAt)
	require.False(t, stored(domain.Queued, domain.MaxAttempts).Try(tuesday))
	require.False(t, stored(domain.Sent, 1).Try(tuesday))
}

func TestAMissedNotificationPausesLongerEachTime(t *testing.T) {
	n := stored(domain.Queued, 0)
	now, last := monday, time.Duration(0)
	for n.Try(now) {
		n.Miss("busy", 0, now)
		if n.State().Status == domain.Failed {
			break
		}
		pause := n.State().DueAt.Sub(now)
		require.GreaterOrEqual(t, pause, last)
		require.Equal(t, "busy", n.State().Failure)
		now, last = n.State().DueAt, pause
	}
	require.Equal(t, domain.Failed, n.State().Status)
	require.EqualValues(t, domain.MaxAttempts, n.State().Attempts)
	require.Equal(t, "busy", n.State().Failure)
	require.Equal(t, 15*time.Minute, last)
	require.InDelta(t, 24*time.Hour, now.Sub(monday), float64(time.Hour), "about a day in all")
}

func TestACarrierIsLeftAloneForAsLongAsItAsksWithinBounds(t *testing.T) {
	for asked, pause := range map[time.Duration]time.Duration{
		-time.Hour:          domain.Pause(1), // an hour ago
		0:                   domain.Pause(1), // it did not ask
		time.Second:         domain.Pause(1), // less than it is left alone anyway
		time.Minute:         time.Minute,
		domain.LongestAsked: domain.LongestAsked,
		24 * time.Hour:      domain.LongestAsked,
	} {
		n := stored(domain.Queued, 1)
		n.Miss("busy", asked, tuesday)
		require.Equal(t, tuesday.Add(pause), n.State().DueAt, asked)
	}
}

func TestAnOutcomeThatWasNeverSeenIsSaidToBe(t *testing.T) {
	n := stored(domain.Queued, domain.MaxAttempts)
	n.Try(tuesday)
	require.Equal(t, domain.FailureNoOutcome, n.State().Failure)
}

func TestASentNotificationForgetsItsFailures(t *testing.T) {
	n := stored(domain.Queued, 1)
	n.Miss("busy", 0, monday)
	n.Try(tuesday)
	n.Deliver(tuesday)
	require.Empty(t, n.State().Failure)
	require.Equal(t, tuesday, n.State().SentAt)
}

func TestARetriedNotificationIsAsGoodAsNew(t *testing.T) {
	n := stored(domain.Queued, 1)
	n.Refuse("no such number", monday)
	require.NoError(t, n.Retry("+12025550199", tuesday))
	state := n.State()
	require.Zero(t, state.Attempts)
	require.Equal(t, tuesday, state.DueAt)
	require.Empty(t, state.Failure)
	require.Equal(t, "+12025550199", state.SmsNumber)
	require.True(t, n.Try(tuesday))
	n.Deliver(tuesday)
	require.Equal(t, domain.Sent, n.State().Status)
}

func TestOnlyWhatHasFailedAndHasSomebodyToGoToIsRetried(t *testing.T) {
	for _, status := range []domain.Status{domain.Queued, domain.Sent} {
		require.ErrorIs(t, stored(status, 1).Retry(number, tuesday), domain.ErrNotFailed)
	}
	n := stored(domain.Failed, 0)
	before := n.State()
	require.ErrorIs(t, n.Retry("", tuesday), domain.CustomerNotFound("ada"))
	require.Equal(t, before, n.State())
	require.Empty(t, n.Events())
}
