package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/api/shopping"
	"mallbots.example/pkg/money/moneypb"
)

// writeJSON writes a message on one line, so that a watch is a line a change.
func writeJSON(out io.Writer, message proto.Message) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(text))
	return err
}

// writeOrder writes all of an order for people.
func writeOrder(out io.Writer, o *orderingv1.Order) error {
	about := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, row := range [][2]string{
		{"Order", o.GetId()}, {"Status", statusOf(o)}, {"Customer", o.GetCustomerId()}, {"Payment", o.GetPaymentId()},
		{"List", o.GetShoppingListId()}, {"Invoice", o.GetInvoiceId()},
		{"Placed", when(o.GetCreateTime())}, {"Changed", when(o.GetUpdateTime())}, {"Total", moneypb.Text(o.GetTotal())},
	} {
		if row[1] != "" {
			fmt.Fprintf(about, "%s:\t%s\n", row[0], row[1])
		}
	}
	if err := about.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	items := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(items, "QUANTITY\tPRODUCT\tSTORE\tPRICE")
	for _, item := range o.GetItems() {
		fmt.Fprintf(items, "%d\t%s\t%s\t%s\n", item.GetQuantity(), item.GetProductName(), item.GetStoreName(), moneypb.Text(item.GetPrice()))
	}
	return items.Flush()
}

// writeChange writes a line about the order as it is after a change.
func writeChange(out io.Writer, o *orderingv1.Order) error {
	line := []string{o.GetUpdateTime().AsTime().Local().Format("15:04:05.000"), statusOf(o)}
	if list := o.GetShoppingListId(); list != "" {
		line = append(line, "list="+list)
	}
	if invoice := o.GetInvoiceId(); invoice != "" {
		line = append(line, "invoice="+invoice)
	}
	_, err := fmt.Fprintln(out, strings.Join(line, "  "))
	return err
}

// statusOf is where an order stands, in words, and why it was rejected.
func statusOf(o *orderingv1.Order) string {
	if reason := o.GetRejectReason(); reason != "" {
		return shopping.Word(o.GetStatus()) + " (" + reason + ")"
	}
	return shopping.Word(o.GetStatus())
}

func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Local().Format("2006-01-02 15:04:05 MST")
}
