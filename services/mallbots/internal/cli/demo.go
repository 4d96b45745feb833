package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/mallbots/internal/shopping"
)

// defaultTarget is where a mall listens that was started without settings.
const defaultTarget = "127.0.0.1:9000"

func newDemo() *cobra.Command {
	to := reach{}
	var orderID string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Place one order in a mall that runs, and show each step",
		Long: `Registers a customer, buys from two stores, shows each step of the order as it happens, pays the invoice and ends with the
completed order. Before the checkout the time is from the start, after it from the checkout's answer.
With --order it goes on with an order that was placed before.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := to.dial("demo")
			if err != nil {
				return err
			}
			defer conn.Close()
			ctx, cancel := context.WithTimeout(cmd.Context(), shopping.Timeout)
			defer cancel()
			d := demo{client: shopping.NewClient(conn), out: cmd.OutOrStdout(), started: time.Now()}
			if orderID != "" {
				return explain(d.follow(ctx, orderID), to.target)
			}
			return explain(d.shop(ctx), to.target)
		},
	}
	to.addFlags(cmd)
	cmd.Flags().StringVar(&orderID, "order", "", "id of an order to go on with")
	return cmd
}

// explain tells a mall that is not there from one that says no.
func explain(err error, target string) error {
	switch {
	case err == nil || rpc.Reason(err) != "":
	case strings.Contains(err.Error(), "authentication handshake failed"):
		return fmt.Errorf("--ca: %w", err)
	case strings.Contains(err.Error(), "server preface"):
		return fmt.Errorf("what is at %s does not speak plain gRPC; if it is a mall that encrypts, give --ca", target)
	case strings.Contains(err.Error(), "connect"):
		return fmt.Errorf("there is no mall at %s; start one with: go run ./services/mallbots", target)
	}
	return err
}

// demo is one shopping trip, told as it happens.
type demo struct {
	client  *shopping.Client
	out     io.Writer
	started time.Time
}

func (d *demo) tell(format string, args ...any) {
	fmt.Fprintf(d.out, "%6d ms  %s\n", time.Since(d.started).Milliseconds(), fmt.Sprintf(format, args...))
}

// shop fills a basket, checks out and follows the order.
func (d *demo) shop(ctx context.Context) error {
	customer, err := d.client.Register(ctx, "Ada Demo")
	if err != nil {
		return err
	}
	d.tell("%s is registered as a customer", customer.GetName())
	products, stores, err := d.client.Catalog(ctx, 2)
	if err != nil {
		return err
	}
	basket, err := d.client.FillBasket(ctx, customer.GetId(), products)
	if err != nil {
		return err
	}
	for _, item := range basket.GetItems() {
		d.tell("puts %q of %s into the basket, %s", item.GetProductName(), stores[item.GetStoreId()], amount(item.GetPrice()))
	}
	payment, err := d.client.Authorize(ctx, customer.GetId(), basket.GetTotal())
	if err != nil {
		return err
	}
	d.tell("a payment of %s is authorized", amount(payment.GetAmount()))
	placed, err := d.client.Baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{Id: basket.GetId(), PaymentId: payment.GetId()})
	if err != nil {
		return err
	}
	d.tell("checks out: order %s", placed.GetOrderId())
	d.started = time.Now()
	return d.follow(ctx, placed.GetOrderId())
}

// follow takes an order to its end: shows its steps, and pays the invoice.
func (d *demo) follow(ctx context.Context, orderID string) error {
	var last *orderingv1.Order
	paid := false
	err := d.client.Watch(ctx, orderID, func(o *orderingv1.Order) (bool, error) {
		if last.GetStatus() != o.GetStatus() {
			d.tell("the order is %s", word(o.GetStatus()))
		}
		last = o
		if !paid && o.GetInvoiceId() != "" && !shopping.Final(o.GetStatus()) {
			paid = true
			if err := d.pay(ctx, o.GetInvoiceId()); err != nil {
				return false, err
			}
		}
		return shopping.Final(o.GetStatus()), nil
	})
	if err != nil {
		return err
	}
	if last.GetStatus() != orderingv1.OrderStatus_ORDER_STATUS_COMPLETED {
		return fmt.Errorf("the order ended as %s %s", word(last.GetStatus()), last.GetRejectReason())
	}
	d.tell("%s", receipt(last))
	return nil
}

func (d *demo) pay(ctx context.Context, invoiceID string) error {
	invoice, err := d.client.Payments.PayInvoice(ctx, &paymentsv1.PayInvoiceRequest{Id: invoiceID})
	if err != nil {
		return err
	}
	d.tell("pays the invoice of %s", amount(invoice.GetInvoice().GetAmount()))
	return nil
}

func receipt(o *orderingv1.Order) string {
	var lines []string
	for _, item := range o.GetItems() {
		lines = append(lines, fmt.Sprintf("%d × %s", item.GetQuantity(), item.GetProductName()))
	}
	return fmt.Sprintf("completed: %s for %s", strings.Join(lines, ", "), amount(o.GetTotal()))
}

// word is a status as people say it.
func word(status orderingv1.OrderStatus) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(status.String(), "ORDER_STATUS_"), "_", " "))
}

func amount(m *typev1.Money) string {
	amount, err := moneypb.FromProto(m)
	if err != nil {
		return "?"
	}
	return amount.String()
}
