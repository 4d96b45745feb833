package account

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
)

const (
	// readers settle orders side by side.
	readers = 16
	// rest is between two looks at what is not as it should be: messages about it may be under way.
	rest = 500 * time.Millisecond
)

// verdictOf is what was found out about one customer: what is needed of the order, which is larger.
type verdictOf struct {
	record   *Record
	status   orderingv1.OrderStatus // unspecified: there is no order
	reason   string                 // why it was rejected
	sold     []line                 // what it took
	breaches []Breach
}

// settle looks at every order, and again at those that are not as they should be, until all is well or patience ends. What follows from the
// end of an order arrives a moment after it.
func (l *Load) settle(ctx context.Context) *Result {
	deadline := time.Now().Add(l.cfg.Patience)
	all := make([]verdictOf, len(l.records))
	open := make([]int, len(l.records))
	for i, record := range l.records {
		all[i].record, open[i] = record, i
	}
	for {
		l.look(ctx, all, open)
		open = open[:0]
		for i := range all {
			if len(all[i].breaches) > 0 {
				open = append(open, i)
			}
		}
		stock := l.checkStock(ctx, all)
		if len(open)+len(stock) == 0 || time.Now().After(deadline) {
			return newResult(l, all, stock)
		}
		wait(ctx, rest)
	}
}

// look reads and checks the customers that are named by their place. When one can't be read within the patience, no other is waited for.
func (l *Load) look(ctx context.Context, all []verdictOf, places []int) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, i := range places {
		group.Go(func() error { return l.lookAt(ctx, &all[i]) })
	}
	_ = group.Wait() // who could not be read is among the breaches
}

func (l *Load) lookAt(ctx context.Context, v *verdictOf) error {
	facts, err := l.facts(ctx, *v.record)
	if err != nil {
		v.breaches = []Breach{{Unread, err.Error()}}
		return err
	}
	*v = verdictOf{record: v.record, breaches: Check(*v.record, facts)}
	for _, order := range facts.Orders[:min(1, len(facts.Orders))] { // a second one is a breach
		v.status, v.reason = order.GetStatus(), order.GetRejectReason()
		if v.status == completed {
			for _, item := range order.GetItems() {
				v.sold = append(v.sold, line{productID: item.GetProductId(), pieces: item.GetQuantity()})
			}
		}
	}
	return nil
}

func (l *Load) checkStock(ctx context.Context, all []verdictOf) []Breach {
	sold := map[string]int64{}
	for _, v := range all {
		for _, line := range v.sold {
			sold[line.productID] += int64(line.pieces)
		}
	}
	stock, err := l.stock(ctx, sold)
	if err != nil {
		return []Breach{{Unread, err.Error()}}
	}
	return CheckStock(stock)
}
