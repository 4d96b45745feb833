package steps

import (
	"context"
	"errors"
	"fmt"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

// invoiceStatuses by what the features say.
var invoiceStatuses = map[string]paymentsv1.InvoiceStatus{
	"open":     paymentsv1.InvoiceStatus_INVOICE_STATUS_PENDING,
	"paid":     paymentsv1.InvoiceStatus_INVOICE_STATUS_PAID,
	"canceled": paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED,
}

func (w *world) invoiceSteps() {
	w.step(`^"([^"]*)" has an invoice of `+price+`$`, w.hasInvoice)
	w.step(`^"([^"]*)" has no invoice$`, w.hasNoInvoice)
	w.step(`^"([^"]*)" pays the invoice$`, w.payInvoice)
	w.step(`^the counter cancels the invoice of "([^"]*)"$`, w.cancelInvoice)
	w.step(`^the counter changes the invoice of "([^"]*)" to `+price+`$`, w.adjustInvoice)
	w.tries(`^the counter tries to change the invoice of "([^"]*)" to `+price+`$`, w.adjustInvoice)
	w.step(`^the invoice of "([^"]*)" has been (paid|canceled)$`, func(ctx context.Context, name, what string) error {
		return w.handleInvoice(ctx, map[string]string{"paid": "pay", "canceled": "cancel"}[what], name)
	})
	w.tries(`^somebody tries to (pay|cancel|change) the invoice of "([^"]*)"$`, w.handleInvoice)
	w.step(`^"([^"]*)" pays the invoice at the moment when the counter cancels it$`, w.payOrCancel)
	w.step(`^the order of "([^"]*)" is either completed and paid, or canceled with everything given back$`, w.completedOrCanceled)
	w.step(`^the invoice of "([^"]*)" is (open|paid|canceled)$`, w.invoiceIs)
}

func (w *world) invoices(ctx context.Context, name string) ([]*paymentsv1.Invoice, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.payments.ListInvoices(ctx, &paymentsv1.ListInvoicesRequest{OrderId: orderID})
	return resp.GetInvoices(), err
}

// invoice is the one of a customer's order; it is there a moment after the order is ready.
func (w *world) invoice(ctx context.Context, name string) (invoice *paymentsv1.Invoice, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		invoices, err := w.invoices(ctx, name)
		if err != nil {
			return err
		}
		if n := len(invoices); n != 1 {
			return fmt.Errorf("the order has %d invoices", n)
		}
		invoice = invoices[0]
		return nil
	})
	return invoice, err
}

func (w *world) hasInvoice(ctx context.Context, name, price string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	return costs("the invoice", invoice.GetAmount(), price)
}

func (w *world) hasNoInvoice(ctx context.Context, name string) error {
	invoices, err := w.invoices(ctx, name)
	if err == nil && len(invoices) > 0 {
		err = fmt.Errorf("the order has %d invoices", len(invoices))
	}
	return err
}

func (w *world) payInvoice(ctx context.Context, name string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.payments.PayInvoice(ctx, &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
	return err
}

func (w *world) cancelInvoice(ctx context.Context, name string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.payments.CancelInvoice(ctx, &paymentsv1.CancelInvoiceRequest{Id: invoice.GetId()})
	return err
}

func (w *world) adjustInvoice(ctx context.Context, name, price string) error {
	amount, err := money(price)
	if err != nil {
		return err
	}
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.payments.AdjustInvoice(ctx, &paymentsv1.AdjustInvoiceRequest{Id: invoice.GetId(), Amount: amount})
	return err
}

// handleInvoice does to an invoice whatever can be done to one.
func (w *world) handleInvoice(ctx context.Context, what, name string) error {
	switch what {
	case "pay":
		return w.payInvoice(ctx, name)
	case "cancel":
		return w.cancelInvoice(ctx, name)
	default:
		return w.adjustInvoice(ctx, name, "0.01")
	}
}

func (w *world) invoiceIs(ctx context.Context, name, what string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	resp, err := w.payments.GetInvoice(ctx, &paymentsv1.GetInvoiceRequest{Id: invoice.GetId()})
	if err == nil && resp.GetInvoice().GetStatus() != invoiceStatuses[what] {
		err = fmt.Errorf("the invoice is %v", resp.GetInvoice().GetStatus())
	}
	return err
}

// payOrCancel has one winner; the other is told that the invoice has its end.
func (w *world) payOrCancel(ctx context.Context, name string) error {
	if _, err := w.invoice(ctx, name); err != nil {
		return err
	}
	paid, canceled := atOnce(
		func() error { return w.payInvoice(ctx, name) },
		func() error { return w.cancelInvoice(ctx, name) },
	)
	return justOne(paid, canceled, refusals["the invoice is paid or canceled"])
}

func (w *world) completedOrCanceled(ctx context.Context, name string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	order, err := w.follow(ctx, orderID, final)
	if err != nil {
		return err
	}
	item := order.GetItems()[0]
	switch order.GetStatus() {
	case statuses["completed"]:
		return errors.Join(w.invoiceIs(ctx, name, "paid"), w.paymentIs(ctx, name, paymentStatuses["captured"]...))
	case statuses["canceled"]:
		return errors.Join(w.invoiceIs(ctx, name, "canceled"), w.paymentIs(ctx, name, paymentStatuses["given back"]...),
			w.stockIs(ctx, item.GetProductName(), 10))
	default:
		return fmt.Errorf("the order is %v", order.GetStatus())
	}
}
