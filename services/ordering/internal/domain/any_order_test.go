package domain_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/ordering/internal/domain"
)

const shuffles = 300

// deliver does each of the steps one to three times in a random order. What the order is not ready for comes again later, as a deferred
// message does; what a rule refuses is a failed command, and done with.
func deliver(t *testing.T, random *rand.Rand, o *domain.Order, steps ...step) {
	t.Helper()
	var bag []step
	for _, do := range steps {
		for range 1 + random.IntN(3) {
			bag = append(bag, do)
		}
	}
	for deliveries := 0; len(bag) > 0; deliveries++ {
		require.Less(t, deliveries, 1000, "a message that is never done with")
		i := random.IntN(len(bag))
		if err := bag[i](o); errors.Is(err, domain.ErrNotApproved) {
			continue
		}
		bag = append(bag[:i], bag[i+1:]...)
	}
}

func TestTheSameFactsInAnyOrderAndNumberGiveTheSameOrder(t *testing.T) {
	for name, life := range map[string]struct {
		first  []step // what the others build on
		then   []step // in any order
		status domain.Status
	}{
		"all goes well":                           {nil, []step{approve, assigned, completed, invoiced, paid}, domain.Completed},
		"a check fails":                           {nil, []step{reject}, domain.Rejected},
		"canceled while pending":                  {[]step{cancel}, []step{cancel, approve, reject}, domain.Canceled},
		"canceled when approved":                  {[]step{approve, cancel}, []step{cancel, approve, confirmCancel}, domain.Canceled},
		"canceled when the bot had given it up":   {[]step{approve, cancel}, []step{cancel, approve, assigned, confirmCancel}, domain.Canceled},
		"canceled too late":                       {[]step{approve, cancel}, []step{approve, assigned, refuseCancel, completed, invoiced, paid}, domain.Completed},
		"canceled too late, and the bot is quick": {[]step{approve, cancel}, []step{approve, refuseCancel, completed, invoiced, paid}, domain.Completed},
		"given up while pending":                  {[]step{givenUp}, []step{givenUp, approve, cancel, reject}, domain.Canceled},
		"given up by the bot":                     {[]step{approve, givenUp}, []step{approve, assigned, givenUp, confirmCancel}, domain.Canceled},
		"given up after a cancel was refused": {
			[]step{approve, cancel, givenUp}, []step{approve, cancel, assigned, refuseCancel, givenUp, confirmCancel}, domain.Canceled,
		},
		"not paid": {[]step{approve, unpaid}, []step{approve, assigned, completed, invoiced, unpaid, confirmCancel}, domain.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			straight := after(t, life.first...)
			for _, do := range life.then {
				_ = do(straight) // some are commands that fail
			}
			require.Equal(t, life.status, straight.State().Status)
			for seed := range uint64(shuffles) {
				o := after(t, life.first...)
				deliver(t, rand.New(rand.NewPCG(seed, 1)), o, life.then...)
				require.Equal(t, straight.State(), o.State(), "seed %d", seed)
				if name == "all goes well" {
					require.Equal(t, straight.View(), o.View(), "seed %d: each fact is one version, whoever tells it", seed)
				}
			}
		})
	}
}

// world is everyone who has a say in an order, each in the simplest form that keeps to the contracts, and the messages between them: in a
// bag, from which they are taken in any order.
type world struct {
	t       *testing.T
	random  *rand.Rand
	order   *domain.Order
	seen    int // of what happened to the order
	bag     []func()
	list    string // its status at the depot
	cancels bool   // the saga that cancels for the customer has begun
	ends    bool   // the saga that ends an order that can't be had has begun
	invoice string // its status at payments
	answers []bool // to ApproveOrder: did it succeed?
}

func (w *world) send(deliver func()) { w.bag = append(w.bag, deliver) }

// tell delivers something to the order, perhaps more than once, and lets the others react to what happened.
func (w *world) tell(do step, reply func(error)) {
	for range 1 + w.random.IntN(2) {
		w.send(func() { w.handle(do, reply) })
	}
}

func (w *world) handle(do step, reply func(error)) {
	err := do(w.order)
	if errors.Is(err, domain.ErrNotApproved) {
		w.send(func() { w.handle(do, reply) })
		return
	}
	if reply != nil {
		reply(err)
	}
	for ; w.seen < len(w.order.Happened()); w.seen++ {
		w.react(w.order.Happened()[w.seen])
	}
}

func (w *world) react(h domain.Happening) {
	switch event := h.Event.(type) {
	case domain.OrderCancelRequested:
		switch {
		case event.StatusBefore == domain.Pending: // left to the saga that creates it
		case event.Cause == domain.ByCustomer:
			require.False(w.t, w.cancels, "a second saga of this kind would never run")
			w.cancels = true
			w.send(w.cancelList)
		default:
			require.False(w.t, w.ends, "a second saga of this kind would never run")
			w.ends = true
			w.tell(confirmCancel, nil)
		}
	case domain.OrderReadied:
		require.Empty(w.t, w.invoice, "readied once")
		w.invoice = "pending"
		w.tell(invoiced, nil)
		w.send(w.settleInvoice)
	}
}

func (w *world) settleInvoice() {
	if w.random.IntN(4) == 0 {
		w.invoice = "canceled"
		w.tell(unpaid, nil)
		return
	}
	w.invoice = "paid"
	w.tell(paid, nil)
}

// approved is the saga's answer to the outcome of its pivot.
func (w *world) approved(err error) {
	w.answers = append(w.answers, err == nil)
	require.Equal(w.t, w.answers[0], err == nil, "the repeat of a command has the answer of the first one")
	if len(w.answers) > 1 {
		return
	}
	if err != nil {
		w.list = "canceled"
		w.tell(reject, nil)
		return
	}
	w.send(func() {
		if w.list == "pending" {
			w.list = "available"
			w.send(w.assignList)
		}
	})
}

func (w *world) assignList() {
	if w.list != "available" {
		return
	}
	w.list = "assigned"
	w.tell(assigned, nil)
	w.send(func() {
		switch {
		case w.list != "assigned":
		case w.random.IntN(3) == 0:
			w.giveUpList()
		default:
			w.list = "completed"
			w.tell(completed, nil)
		}
	})
}

// giveUpList is what the depot may do to any list that isn't completed.
func (w *world) giveUpList() {
	if w.list == "pending" || w.list == "available" || w.list == "assigned" {
		w.list = "canceled"
		w.tell(givenUp, nil)
	}
}

func (w *world) cancelList() {
	if w.list == "assigned" || w.list == "completed" {
		w.tell(refuseCancel, nil)
		return
	}
	w.list = "canceled"
	w.tell(confirmCancel, nil)
}

// run lives an order's life to its end.
func (w *world) run(checksSucceed bool) {
	for range w.random.IntN(4) {
		w.send(func() { w.handle(cancel, nil) })
	}
	w.list = "pending"
	if w.random.IntN(8) == 0 {
		w.send(w.giveUpList)
	}
	if checksSucceed {
		w.tell(approve, w.approved)
	} else {
		w.list = "canceled"
		w.tell(reject, nil)
	}
	for deliveries := 0; len(w.bag) > 0; deliveries++ {
		require.Less(w.t, deliveries, 1000, "a message that is never done with")
		i := w.random.IntN(len(w.bag))
		deliver := w.bag[i]
		w.bag = append(w.bag[:i], w.bag[i+1:]...)
		deliver()
	}
}

func TestEveryOrderEndsAsTheOthersBelieveItDid(t *testing.T) {
	ends := map[domain.Status]int{}
	for seed := range uint64(20 * shuffles) {
		w := &world{t: t, random: rand.New(rand.NewPCG(seed, 2)), order: pending(t)}
		checksSucceed := seed%8 != 0
		w.run(checksSucceed)
		status := w.order.State().Status
		ends[status]++
		switch status {
		case domain.Completed:
			require.Equal(t, []string{"completed", "paid"}, []string{w.list, w.invoice}, "seed %d", seed)
		case domain.Rejected:
			require.False(t, checksSucceed, "seed %d", seed)
		case domain.Canceled:
			require.Contains(t, []string{"canceled ", "completed canceled"}, w.list+" "+w.invoice, "seed %d", seed)
		default:
			require.Failf(t, "an order without an end", "seed %d: %s, list %s", seed, status, w.list)
		}
	}
	require.Len(t, ends, 3, "the test is about all of them: %v", ends)
}
