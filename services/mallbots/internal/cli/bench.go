package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/api/shopping"
	"mallbots.example/services/internal/mall"
)

const (
	// maxClients keeps a bench from measuring the machine's scheduler.
	maxClients = 1000
	maxOrders  = 1_000_000
	// warmUp orders are placed before the clock starts: first connections, first statements, local copies of the catalog.
	warmUp = 5
)

func newBench() *cobra.Command {
	to := reach{}
	b := bench{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Place many orders in a mall that runs, and measure checkout to approved",
		Long: `Opens a store with one product of unlimited stock, prepares a customer, a filled basket and a payment for each order, then lets
the clients check out as fast as they can, each waiting for its order to be approved before it places the next.
Measures, per order, from the call of CheckoutBasket to the moment in which WatchOrder shows the order approved.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if b.orders < 1 || b.orders > maxOrders {
				return fmt.Errorf("--orders must be from 1 to %d", maxOrders)
			}
			if b.clients < 1 || b.clients > maxClients {
				return fmt.Errorf("--clients must be from 1 to %d", maxClients)
			}
			conn, err := to.dial("bench")
			if err != nil {
				return err
			}
			defer conn.Close()
			return explain(b.run(cmd.Context(), cmd.OutOrStdout(), conn), to.target)
		},
	}
	to.addFlags(cmd)
	cmd.Flags().IntVar(&b.orders, "orders", 200, "how many orders to place")
	cmd.Flags().IntVar(&b.clients, "clients", 1, "how many clients place them side by side")
	return cmd
}

type bench struct {
	orders, clients int
	client          *shopping.Client
	product         *storesv1.Product
}

// checkout is an order that only needs to be placed.
type checkout struct{ basketID, paymentID string }

func (b *bench) run(ctx context.Context, out io.Writer, conn grpc.ClientConnInterface) error {
	b.client = shopping.NewClient(conn)
	if err := b.openStore(ctx); err != nil {
		return err
	}
	prepared := make([]checkout, warmUp+b.orders)
	if err := b.each(ctx, len(prepared), func(ctx context.Context, i int) (err error) {
		prepared[i], err = b.prepare(ctx)
		return err
	}); err != nil {
		return err
	}
	for _, c := range prepared[:warmUp] {
		if _, err := b.place(ctx, c); err != nil {
			return err
		}
	}
	took := make([]time.Duration, b.orders)
	started := time.Now()
	if err := b.each(ctx, b.orders, func(ctx context.Context, i int) (err error) {
		took[i], err = b.place(ctx, prepared[warmUp+i])
		return err
	}); err != nil {
		return err
	}
	report(out, b.clients, took, time.Since(started))
	return nil
}

func (b *bench) openStore(ctx context.Context) error {
	store, err := b.client.Stores.CreateStore(ctx, &storesv1.CreateStoreRequest{Name: "Bench", Location: "nowhere"})
	if err != nil {
		return err
	}
	id := store.GetStore().GetId()
	if _, err := b.client.Stores.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: id}); err != nil {
		return err
	}
	added, err := b.client.Stores.AddProduct(ctx, &storesv1.AddProductRequest{
		StoreId: id, Name: "Thing", Price: &typev1.Money{CurrencyCode: mall.Currency, MinorUnits: 100},
	})
	b.product = added.GetProduct()
	return err
}

func (b *bench) prepare(ctx context.Context) (checkout, error) {
	customer, err := b.client.Register(ctx, "Bench")
	if err != nil {
		return checkout{}, err
	}
	basket, err := b.client.FillBasket(ctx, customer.GetId(), []*storesv1.Product{b.product})
	if err != nil {
		return checkout{}, err
	}
	payment, err := b.client.Authorize(ctx, customer.GetId(), basket.GetTotal())
	return checkout{basketID: basket.GetId(), paymentID: payment.GetId()}, err
}

// place checks out and waits for the approval. A bot may be so fast that the order is seen in a later status first.
func (b *bench) place(ctx context.Context, c checkout) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, shopping.Timeout)
	defer cancel()
	started := time.Now()
	placed, err := b.client.Baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{Id: c.basketID, PaymentId: c.paymentID})
	if err != nil {
		return 0, err
	}
	err = b.client.Watch(ctx, placed.GetOrderId(), func(o *orderingv1.Order) (bool, error) {
		switch o.GetStatus() {
		case orderingv1.OrderStatus_ORDER_STATUS_PENDING:
			return false, nil
		case orderingv1.OrderStatus_ORDER_STATUS_REJECTED, orderingv1.OrderStatus_ORDER_STATUS_CANCELED:
			return false, errors.New("order " + o.GetId() + " was not approved: " + o.GetRejectReason())
		default:
			return true, nil
		}
	})
	return time.Since(started), err
}

// each runs work for 0 … n-1 on as many goroutines as there are clients, and ends at the first error.
func (b *bench) each(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var clients sync.WaitGroup
	for range b.clients {
		clients.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				if err := work(ctx, i); err != nil {
					fail(err)
				}
			}
		})
	}
	clients.Wait()
	return context.Cause(ctx)
}

func report(out io.Writer, clients int, took []time.Duration, total time.Duration) {
	slices.Sort(took)
	fmt.Fprintf(out, "%d orders, %d clients, %.1f s, %.1f orders/s\n", len(took), clients, total.Seconds(), float64(len(took))/total.Seconds())
	fmt.Fprint(out, "checkout to approved:")
	for _, p := range []int{50, 90, 95, 99, 100} {
		fmt.Fprintf(out, "  p%d %.1f ms", p, percentile(took, p).Seconds()*1000)
	}
	fmt.Fprintln(out)
}

// percentile is the least value that p percent of the sorted values do not exceed (nearest rank).
func percentile(sorted []time.Duration, p int) time.Duration {
	rank := (p*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}
