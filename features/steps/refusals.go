package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// refusal is how a client is told no: the status, the reason, and the field if one is broken.
type refusal struct {
	code   codes.Code
	reason string
	field  string
}

func refused(reason string) refusal { return refusal{code: codes.FailedPrecondition, reason: reason} }

func wrong(field string) refusal {
	return refusal{code: codes.InvalidArgument, reason: "INVALID_FIELD", field: field}
}

// refusals by what the features say.
var refusals = map[string]refusal{
	"the name is wrong":                       wrong("name"),
	"the number is wrong":                     wrong("sms_number"),
	"the location is wrong":                   wrong("location"),
	"the price is wrong":                      wrong("price.minor_units"),
	"the stock is wrong":                      wrong("stock"),
	"the quantity is wrong":                   wrong("quantity"),
	"the store is unknown":                    {code: codes.NotFound, reason: "STORE_NOT_FOUND"},
	"the store takes part already":            refused("STORE_ALREADY_PARTICIPATING"),
	"the store does not take part":            refused("STORE_NOT_PARTICIPATING"),
	"the product is removed":                  refused("PRODUCT_REMOVED"),
	"that is no increase":                     refused("PRICE_NOT_AN_INCREASE"),
	"that is no decrease":                     refused("PRICE_NOT_A_DECREASE"),
	"the customer is disabled":                refused("CUSTOMER_DISABLED"),
	"the basket is not open":                  refused("BASKET_NOT_OPEN"),
	"the basket is empty":                     refused("BASKET_EMPTY"),
	"the payment is too small":                refused("PAYMENT_TOO_SMALL"),
	"the payment belongs to another customer": refused("PAYMENT_OF_OTHER_CUSTOMER"),
	"the payment is in use":                   refused("PAYMENT_IN_USE"),
	"the order can't be canceled any more":    refused("ORDER_NOT_CANCELABLE"),
}

// rejections are the reasons of rejected orders by what the features say.
var rejections = map[string]string{
	"the customer is disabled":     "CUSTOMER_DISABLED",
	"the customer is unknown":      "CUSTOMER_NOT_FOUND",
	"there is not enough stock":    "OUT_OF_STOCK",
	"the product is removed":       "PRODUCT_REMOVED",
	"the store does not take part": "STORE_NOT_PARTICIPATING",
}

func (w *world) refusalSteps(sc *godog.ScenarioContext) {
	sc.Step(`^it is refused because (.+)$`, w.isRefused)
}

func (w *world) isRefused(_ context.Context, because string) error {
	want, ok := refusals[because]
	if !ok {
		return fmt.Errorf("the features know no refusal because %q", because)
	}
	if !w.tried {
		return errors.New("nothing was tried")
	}
	w.tried = false
	return expect(w.refusal, want)
}

// expect checks that err is just the refusal that was expected.
func expect(err error, want refusal) error {
	if err == nil {
		return errors.New("it was not refused")
	}
	got := refusal{code: status.Code(err)}
	var fields []string
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			got.reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fields = append(fields, violation.GetField())
			}
		}
	}
	if got.code != want.code || got.reason != want.reason || (want.field != "" && !slices.Contains(fields, want.field)) {
		return fmt.Errorf("refused otherwise: %w (reason %s, fields %s)", err, got.reason, strings.Join(fields, ", "))
	}
	return nil
}
