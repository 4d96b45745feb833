package domain_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/ordering/internal/domain"
)

// step is something that is done to an order.
type step func(o *domain.Order) error

func never(do func(o *domain.Order)) step {
	return func(o *domain.Order) error { do(o); return nil }
}

// What can come: from the customer, from the sagas, from depot and from payments.
var (
	cancel        step = func(o *domain.Order) error { return o.Cancel(tuesday) }
	approve       step = func(o *domain.Order) error { return o.Approve("list", tuesday) }
	reject             = never(func(o *domain.Order) { o.Reject("OUT_OF_STOCK", tuesday) })
	confirmCancel      = never(func(o *domain.Order) { o.ConfirmCancel(tuesday) })
	refuseCancel       = never(func(o *domain.Order) { o.RefuseCancel("LIST_ASSIGNED", tuesday) })
	assigned      step = func(o *domain.Order) error { return o.StartShopping("list", tuesday) }
	completed     step = func(o *domain.Order) error { return o.MakeReady("list", tuesday) }
	invoiced      step = func(o *domain.Order) error { return o.Invoice("bill", tuesday) }
	paid          step = func(o *domain.Order) error { return o.Complete("bill", tuesday) }
	givenUp            = never(func(o *domain.Order) { o.GiveUp(tuesday) })
	unpaid        step = func(o *domain.Order) error { return o.CancelUnpaid("bill", tuesday) }
)

// after gives an order to which steps were done.
func after(t *testing.T, steps ...step) *domain.Order {
	t.Helper()
	o := pending(t)
	for _, do := range steps {
		require.NoError(t, do(o))
	}
	return o
}

// outcome of a step: the events that it raised and the status they lead to; "-" when nothing happened, else the reason of the refusal.
func outcome(t *testing.T, o *domain.Order, do step) string {
	t.Helper()
	before, view := len(o.Happened()), o.View()
	err := do(o)
	if err != nil {
		require.Equal(t, view, o.View(), "refused: nothing changes")
		if refusal, ok := fault.As(err); ok {
			return refusal.Reason
		}
		require.ErrorIs(t, err, domain.ErrNotApproved)
		return "later"
	}
	raised := o.Happened()[before:]
	if len(raised) == 0 {
		require.Equal(t, view, o.View())
		return "-"
	}
	var names []string
	for _, h := range raised {
		names = append(names, strings.TrimPrefix(h.Event.EventName(), "order."))
	}
	return strings.Join(names, ", ") + " → " + string(o.State().Status)
}

const nothing = "-"

// Each state × each thing that can come.
func TestWhatBecomesOfAnOrder(t *testing.T) {
	type row struct {
		state                                                []step
		status                                               domain.Status
		cancel, approve, reject, confirmCancel, refuseCancel string
		assigned, completed, invoiced, paid, givenUp, unpaid string
	}
	for name, row := range map[string]row{
		"pending": {
			status: domain.Pending,
			cancel: "cancel_requested → canceling", approve: "approved → approved", reject: "rejected → rejected",
			confirmCancel: nothing, refuseCancel: nothing,
			assigned: "approved, shopping_started → in_progress", completed: "approved, shopping_started, readied → ready",
			invoiced: "later", paid: "later",
			givenUp: "cancel_requested → canceling", unpaid: "later",
		},
		"approved": {
			state: []step{approve}, status: domain.Approved,
			cancel: "cancel_requested → canceling", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: "shopping_started → in_progress", completed: "shopping_started, readied → ready",
			invoiced: "shopping_started, readied, invoiced → ready", paid: "shopping_started, readied, invoiced, completed → completed",
			givenUp: "cancel_requested → canceling", unpaid: "shopping_started, readied, invoiced, cancel_requested → canceling",
		},
		"in progress": {
			state: []step{approve, assigned}, status: domain.InProgress,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: "readied → ready",
			invoiced: "readied, invoiced → ready", paid: "readied, invoiced, completed → completed",
			givenUp: "cancel_requested → canceling", unpaid: "readied, invoiced, cancel_requested → canceling",
		},
		"ready": {
			state: []step{approve, assigned, completed}, status: domain.Ready,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: "invoiced → ready", paid: "invoiced, completed → completed",
			givenUp: nothing, unpaid: "invoiced, cancel_requested → canceling",
		},
		"ready and invoiced": {
			state: []step{approve, assigned, completed, invoiced}, status: domain.Ready,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: "completed → completed",
			givenUp: nothing, unpaid: "cancel_requested → canceling",
		},
		"completed": {
			state: []step{approve, assigned, completed, invoiced, paid}, status: domain.Completed,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"rejected": {
			state: []step{reject}, status: domain.Rejected,
			cancel: "ORDER_NOT_CANCELABLE", approve: "ORDER_NOT_PENDING", reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceling, was pending": {
			state: []step{cancel}, status: domain.Canceling,
			cancel: nothing, approve: "ORDER_CANCELING", reject: "canceled → canceled", confirmCancel: "canceled → canceled",
			refuseCancel: "cancel_refused → pending",
			assigned:     "approved, shopping_started → in_progress", completed: "approved, shopping_started, readied → ready",
			invoiced: "later", paid: "later",
			givenUp: nothing, unpaid: "later",
		},
		"canceling, was approved": {
			state: []step{approve, cancel}, status: domain.Canceling,
			cancel: nothing, approve: nothing, reject: "canceled → canceled", confirmCancel: "canceled → canceled",
			refuseCancel: "cancel_refused → approved",
			assigned:     "shopping_started → in_progress", completed: "shopping_started, readied → ready",
			invoiced: "shopping_started, readied, invoiced → ready", paid: "shopping_started, readied, invoiced, completed → completed",
			givenUp: "cancel_requested → canceling", unpaid: "shopping_started, readied, invoiced, cancel_requested → canceling",
		},
		"pending, a cancel was refused": {
			state: []step{cancel, refuseCancel}, status: domain.Pending,
			cancel: "cancel_requested → canceling", approve: "approved → approved", reject: "rejected → rejected",
			confirmCancel: nothing, refuseCancel: nothing,
			assigned: "approved, shopping_started → in_progress", completed: "approved, shopping_started, readied → ready",
			invoiced: "later", paid: "later",
			givenUp: "cancel_requested → canceling", unpaid: "later",
		},
		"approved, a cancel was refused": {
			state: []step{approve, cancel, refuseCancel}, status: domain.Approved,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: "shopping_started → in_progress", completed: "shopping_started, readied → ready",
			invoiced: "shopping_started, readied, invoiced → ready", paid: "shopping_started, readied, invoiced, completed → completed",
			givenUp: "cancel_requested → canceling", unpaid: "shopping_started, readied, invoiced, cancel_requested → canceling",
		},
		"in progress, a cancel under way": {
			state: []step{approve, cancel, assigned}, status: domain.InProgress,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, refuseCancel: nothing,
			confirmCancel: "canceled → canceled", // the bot gave its list up before the cancel reached the depot
			assigned:      nothing, completed: "readied → ready",
			invoiced: "readied, invoiced → ready", paid: "readied, invoiced, completed → completed",
			givenUp: "cancel_requested → canceling", unpaid: "readied, invoiced, cancel_requested → canceling",
		},
		"ready, a cancel under way": {
			state: []step{approve, cancel, completed}, status: domain.Ready,
			cancel: "ORDER_NOT_CANCELABLE", approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: "invoiced → ready", paid: "invoiced, completed → completed",
			givenUp: nothing, unpaid: "invoiced, cancel_requested → canceling",
		},
		"canceled, was pending": {
			state: []step{cancel, reject}, status: domain.Canceled,
			cancel: nothing, approve: "ORDER_NOT_PENDING", reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceled, was approved": {
			state: []step{approve, cancel, confirmCancel}, status: domain.Canceled,
			cancel: nothing, approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceling, the list was given up while it was pending": {
			state: []step{givenUp}, status: domain.Canceling,
			cancel: nothing, approve: "ORDER_CANCELING", reject: "canceled → canceled", confirmCancel: "canceled → canceled",
			refuseCancel: nothing,
			assigned:     nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceling, the list was given up": {
			state: []step{approve, assigned, givenUp}, status: domain.Canceling,
			cancel: nothing, approve: nothing, reject: "canceled → canceled", confirmCancel: "canceled → canceled", refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceling, the list was given up though a cancel may be refused": {
			state: []step{approve, cancel, givenUp}, status: domain.Canceling,
			cancel: nothing, approve: nothing, reject: "canceled → canceled", confirmCancel: "canceled → canceled", refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceling, the invoice was canceled": {
			state: []step{approve, assigned, completed, invoiced, unpaid}, status: domain.Canceling,
			cancel: nothing, approve: nothing, reject: "canceled → canceled", confirmCancel: "canceled → canceled", refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
		"canceled, the list was given up": {
			state: []step{approve, assigned, givenUp, confirmCancel}, status: domain.Canceled,
			cancel: nothing, approve: nothing, reject: nothing, confirmCancel: nothing, refuseCancel: nothing,
			assigned: nothing, completed: nothing, invoiced: nothing, paid: nothing,
			givenUp: nothing, unpaid: nothing,
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.status, after(t, row.state...).State().Status)
			for _, test := range []struct {
				comes string
				do    step
				want  string
			}{
				{"cancel", cancel, row.cancel}, {"approve", approve, row.approve}, {"reject", reject, row.reject},
				{"confirm cancel", confirmCancel, row.confirmCancel}, {"refuse cancel", refuseCancel, row.refuseCancel},
				{"list assigned", assigned, row.assigned}, {"list completed", completed, row.completed},
				{"invoice created", invoiced, row.invoiced}, {"invoice paid", paid, row.paid},
				{"list given up", givenUp, row.givenUp}, {"invoice canceled", unpaid, row.unpaid},
			} {
				t.Run(test.comes, func(t *testing.T) {
					o := after(t, row.state...)
					require.Equal(t, test.want, outcome(t, o, test.do))
					if test.want != nothing && strings.Contains(test.want, "→") {
						require.Equal(t, tuesday, o.UpdatedAt())
					}
					require.Equal(t, test.want, outcome(t, restored(t, after(t, row.state...)), test.do), "the same after a snapshot")
					require.Equal(t, test.want, outcome(t, replayed(after(t, row.state...)), test.do), "the same after a replay")
				})
			}
		})
	}
}

// restored is the order as it comes out of a snapshot.
func restored(t *testing.T, o *domain.Order) *domain.Order {
	t.Helper()
	data, err := json.Marshal(o.Snapshot())
	require.NoError(t, err)
	back := &domain.Order{}
	require.NoError(t, back.Restore(func(into any) error { return json.Unmarshal(data, into) }))
	require.Equal(t, o.State(), back.State())
	return back
}

// replayed is the order as its events make it.
func replayed(o *domain.Order) *domain.Order {
	back := &domain.Order{Root: es.NewRoot(o.ID())}
	for _, change := range o.Changes() {
		back.Apply(change.Event)
	}
	return back
}

func TestWhatIsKeptOfEachStep(t *testing.T) {
	require.Equal(t, "list", after(t, approve).State().ShoppingListID)
	require.Equal(t, "list", after(t, assigned).State().ShoppingListID, "the list names itself")
	require.Equal(t, "OUT_OF_STOCK", after(t, reject).State().RejectReason)
	require.Empty(t, after(t, cancel, reject).State().RejectReason, "canceled, not rejected")
	require.Equal(t, "bill", after(t, approve, invoiced).State().InvoiceID)
	require.Equal(t, "bill", after(t, approve, paid).State().InvoiceID)
}

func TestACancelTellsItsCauseAndWhatTheOrderWasBefore(t *testing.T) {
	for _, test := range []struct {
		steps []step
		want  domain.OrderCancelRequested
	}{
		{[]step{cancel}, domain.OrderCancelRequested{StatusBefore: domain.Pending, Cause: domain.ByCustomer}},
		{[]step{approve, cancel}, domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ByCustomer}},
		{[]step{givenUp}, domain.OrderCancelRequested{StatusBefore: domain.Pending, Cause: domain.ListGivenUp}},
		{[]step{approve, givenUp}, domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ListGivenUp}},
		{[]step{approve, cancel, givenUp}, domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ListGivenUp}},
		{[]step{approve, assigned, givenUp}, domain.OrderCancelRequested{StatusBefore: domain.InProgress, Cause: domain.ListGivenUp}},
		{[]step{approve, completed, unpaid}, domain.OrderCancelRequested{StatusBefore: domain.Ready, Cause: domain.InvoiceCanceled}},
	} {
		o := after(t, test.steps...)
		require.Equal(t, test.want, o.Happened()[len(o.Happened())-1].Event)
	}
}

func TestThePaidInvoiceIsTheOneThatCounts(t *testing.T) {
	other := func(o *domain.Order) error { return o.Invoice("other", tuesday) }
	for _, steps := range [][]step{{approve, other, paid}, {approve, paid, other}} {
		require.Equal(t, "bill", after(t, steps...).State().InvoiceID)
	}
	require.Equal(t, "other", after(t, approve, other, invoiced).State().InvoiceID, "while none is paid, the first one")
}

func TestWhatIsBlankIsRefused(t *testing.T) {
	for field, err := range map[string]error{
		"shopping_list_id": pending(t).Approve("", tuesday),
		"invoice_id":       errors.Join(after(t, approve).Invoice("", tuesday), after(t, approve).Complete("", tuesday), after(t, approve).CancelUnpaid("", tuesday)),
	} {
		refusal, ok := fault.As(err)
		require.True(t, ok, field)
		require.True(t, slices.ContainsFunc(refusal.Fields, func(f fault.Field) bool { return f.Name == field }))
	}
	require.ErrorIs(t, pending(t).StartShopping("", tuesday), domain.ErrNotApproved, "without its list an order can't be approved")
}
