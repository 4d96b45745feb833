package account

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
)

// maxBroken bounds how many broken orders a result names; all are counted.
const maxBroken = 100

// Result is how the account of a run stands. Its JSON is for programs.
type Result struct {
	Verdict string  `json:"verdict"` // clean or broken
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
	Orders  Orders  `json:"orders"`
	// RejectReasons counts the rejected orders by why.
	RejectReasons map[string]int `json:"reject_reasons,omitempty"`
	Methods       []Method       `json:"methods"`
	FailedCalls   int            `json:"failed_calls"`
	// StreamBreaks counts, by code, watches that ended before their order did and were begun again. "OK" is an end without an error.
	StreamBreaks map[string]int `json:"stream_breaks,omitempty"`
	Latency      Latency        `json:"checkout_to_approved_ms"`
	Broken       []Broken       `json:"broken,omitempty"` // the first of them
	Stock        []Breach       `json:"stock,omitempty"`
	Strict       bool           `json:"strict"`
}

// Orders counts the customers by what became of their orders.
type Orders struct {
	Customers  int `json:"customers"`
	Placed     int `json:"placed"`     // answered OK
	Unanswered int `json:"unanswered"` // checkouts that nobody answered within the patience
	HeldBack   int `json:"held_back"`  // customers who found the mall full
	Completed  int `json:"completed"`
	Rejected   int `json:"rejected"`
	Canceled   int `json:"canceled"`
	None       int `json:"none"` // customers without an order to whom none was promised
	Lost       int `json:"lost"`
	Doubled    int `json:"doubled"`
	Stuck      int `json:"stuck"`
	Wrong      int `json:"wrong"`
	Unread     int `json:"unread"`
}

// Latency is in milliseconds, as customers see it: from the call of CheckoutBasket, repeats included, to the approved order.
type Latency struct {
	Orders int     `json:"orders"`
	P50    float64 `json:"p50"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// Broken is an order whose account does not balance.
type Broken struct {
	OrderID    string   `json:"order_id"`
	CustomerID string   `json:"customer_id"`
	Breaches   []Breach `json:"breaches"`
}

// Clean reports whether every promise was kept and, if that was asked for, no call failed.
func (r *Result) Clean() bool {
	o := r.Orders
	broken := o.Lost + o.Doubled + o.Stuck + o.Wrong + o.Unread + len(r.Stock)
	return broken == 0 && (!r.Strict || r.FailedCalls == 0)
}

func newResult(l *Load, all []verdictOf, stock []Breach) *Result {
	r := &Result{Seed: l.cfg.Seed, Strict: l.cfg.Strict, Stock: stock, RejectReasons: map[string]int{}}
	r.Orders.Customers = len(all)
	for _, v := range all {
		r.add(v)
	}
	return r
}

// add counts one customer.
func (r *Result) add(v verdictOf) {
	switch v.status {
	case completed:
		r.Orders.Completed++
	case rejected:
		r.Orders.Rejected++
		r.RejectReasons[v.reason]++
	case canceled:
		r.Orders.Canceled++
	default:
		if v.status == orderingv1.OrderStatus_ORDER_STATUS_UNSPECIFIED && len(v.breaches) == 0 {
			r.Orders.None++
		}
	}
	if len(v.breaches) == 0 {
		return
	}
	*r.Orders.of(worst(v.breaches))++
	if len(r.Broken) < maxBroken {
		r.Broken = append(r.Broken, Broken{OrderID: v.record.BasketID, CustomerID: v.record.CustomerID, Breaches: v.breaches})
	}
}

// worst is the first kind, in the order in which they are defined, that there is.
func worst(all []Breach) Kind {
	order := []Kind{Lost, Doubled, Stuck, Wrong, Unread}
	return slices.MinFunc(all, func(a, b Breach) int { return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)) }).Kind
}

func (o *Orders) of(kind Kind) *int {
	switch kind {
	case Lost:
		return &o.Lost
	case Doubled:
		return &o.Doubled
	case Stuck:
		return &o.Stuck
	case Unread:
		return &o.Unread
	default:
		return &o.Wrong
	}
}

// finish adds what was counted on the way, the closing of the shop included.
func (l *Load) finish(r *Result) {
	r.Orders.Placed, r.Orders.Unanswered = int(l.progress.placed.Load()), int(l.progress.unanswered.Load())
	r.Orders.HeldBack = int(l.progress.heldBack.Load())
	r.FailedCalls, r.Latency = l.count.failures(), l.count.latency()
	l.count.mu.Lock()
	defer l.count.mu.Unlock()
	r.StreamBreaks = maps.Clone(l.count.breaks)
	for _, m := range l.count.methods {
		r.Methods = append(r.Methods, *m)
	}
	slices.SortFunc(r.Methods, func(a, b Method) int { return cmp.Compare(a.Method, b.Method) })
	r.Verdict = "broken"
	if r.Clean() {
		r.Verdict = "clean"
	}
}

// Write writes the result for people, its verdict last but for one line of JSON.
func (r *Result) Write(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	o := r.Orders
	fmt.Fprintf(t, "\nOrders\tcustomers\tplaced\tcompleted\trejected\tcanceled\tnone\tunanswered\theld back\tlost\tdoubled\tstuck\twrong\tunread\n")
	fmt.Fprintf(t, "\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", o.Customers, o.Placed, o.Completed, o.Rejected, o.Canceled, o.None,
		o.Unanswered, o.HeldBack, o.Lost, o.Doubled, o.Stuck, o.Wrong, o.Unread)
	fmt.Fprintf(t, "\nCalls\tcalls\trepeated\tfailed\tfailed beneath\n")
	for _, m := range r.Methods {
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\n", m.Method, m.Calls, m.Retried, byCode(m.Failed), byCode(m.Attempts))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nfailed calls: %d; watches that broke and were begun again: %s; rejected: %s\n",
		r.FailedCalls, byCode(r.StreamBreaks), byCode(r.RejectReasons))
	fmt.Fprintf(out, "checkout to approved: p50 %.1f ms, p99 %.1f ms, max %.1f ms of %d orders; %.1f s in all, seed %d\n",
		r.Latency.P50, r.Latency.P99, r.Latency.Max, r.Latency.Orders, r.Seconds, r.Seed)
	for _, b := range r.Broken {
		for _, breach := range b.Breaches {
			fmt.Fprintf(out, "broken: order %s of customer %s: %s: %s\n", b.OrderID, b.CustomerID, breach.Kind, breach.What)
		}
	}
	for _, breach := range r.Stock {
		fmt.Fprintf(out, "broken: stock: %s\n", breach.What)
	}
	if r.Strict && r.FailedCalls > 0 {
		fmt.Fprintf(out, "broken: %d calls failed, and none may\n", r.FailedCalls)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "verdict: %s\n%s\n", r.Verdict, line)
	return err
}

// byCode is "2 Unavailable, 1 Internal", or "0".
func byCode(counts map[string]int) string {
	text := ""
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", counts[code], code)
	}
	return cmp.Or(text, "0")
}
