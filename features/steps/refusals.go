package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// domain of all reasons, as the README of the API says.
const domain = "mallbots.example"

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

func unknown(reason string) refusal { return refusal{code: codes.NotFound, reason: reason} }

// refusals by what the features say.
var refusals = map[string]refusal{
	"the name is wrong":                            wrong("name"),
	"the number is wrong":                          wrong("sms_number"),
	"the location is wrong":                        wrong("location"),
	"the price is wrong":                           wrong("price.minor_units"),
	"the amount is wrong":                          wrong("amount.minor_units"),
	"the stock is wrong":                           wrong("stock"),
	"the quantity is wrong":                        wrong("quantity"),
	"it is not in the currency of the mall":        refused("CURRENCY_MISMATCH"),
	"the store is unknown":                         unknown("STORE_NOT_FOUND"),
	"the store takes part already":                 refused("STORE_ALREADY_PARTICIPATING"),
	"the store does not take part":                 refused("STORE_NOT_PARTICIPATING"),
	"the product is unknown":                       unknown("PRODUCT_NOT_FOUND"),
	"the product is removed":                       refused("PRODUCT_REMOVED"),
	"that is no increase":                          refused("PRICE_NOT_AN_INCREASE"),
	"that is no decrease":                          refused("PRICE_NOT_A_DECREASE"),
	"another product of the store has this number": refused("SKU_TAKEN"),
	"the stock is unlimited":                       refused("STOCK_UNLIMITED"),
	"there is not enough stock":                    refused("OUT_OF_STOCK"),
	"the customer is unknown":                      unknown("CUSTOMER_NOT_FOUND"),
	"the customer is disabled":                     refused("CUSTOMER_DISABLED"),
	"the customer is enabled already":              refused("CUSTOMER_ALREADY_ENABLED"),
	"the basket is not open":                       refused("BASKET_NOT_OPEN"),
	"the basket is empty":                          refused("BASKET_EMPTY"),
	"the basket is full":                           refused("BASKET_FULL"),
	"the basket does not hold it":                  unknown("ITEM_NOT_FOUND"),
	"the payment is unknown":                       unknown("PAYMENT_NOT_FOUND"),
	"the payment is too small":                     refused("PAYMENT_TOO_SMALL"),
	"the payment belongs to another customer":      refused("PAYMENT_OF_OTHER_CUSTOMER"),
	"the payment is in use":                        refused("PAYMENT_IN_USE"),
	"the payment was given back":                   refused("PAYMENT_NOT_AUTHORIZED"),
	"something in it is not to be had any more":    refused("PRODUCT_UNAVAILABLE"),
	"the message has not failed":                   refused("NOTIFICATION_NOT_FAILED"),
	"the order can't be canceled any more":         refused("ORDER_NOT_CANCELABLE"),
	"the list is not available":                    refused("LIST_NOT_AVAILABLE"),
	"no robot has the list":                        refused("LIST_NOT_ASSIGNED"),
	"another robot has the list":                   refused("LIST_OF_OTHER_BOT"),
	"the robot does not have the list":             refused("LIST_OF_OTHER_BOT"),
	"the list is collected already":                refused("LIST_COMPLETED"),
	"the robot has another list":                   refused("BOT_BUSY"),
	"the robot is unknown":                         unknown("BOT_NOT_FOUND"),
	"the invoice is paid or canceled":              refused("INVOICE_NOT_PENDING"),
}

// rejections are the reasons of rejected orders by what the features say.
var rejections = map[string]string{
	"the customer is disabled":     "CUSTOMER_DISABLED",
	"the customer is unknown":      "CUSTOMER_NOT_FOUND",
	"there is not enough stock":    "OUT_OF_STOCK",
	"the product is removed":       "PRODUCT_REMOVED",
	"the store does not take part": "STORE_NOT_PARTICIPATING",
}

func (w *world) refusalSteps() {
	w.step(`^it is refused because (.+)$`, w.isRefused)
	w.step(`^the refusal names "([^"]*)" and not "([^"]*)"$`, w.refusalNames)
	w.step(`^it succeeds$`, w.succeeds)
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

func (w *world) refusalNames(there, notThere string) error {
	if words := status.Convert(w.refusal).Message(); !strings.Contains(words, there) || strings.Contains(words, notThere) {
		return fmt.Errorf("it says %q", words)
	}
	return nil
}

func (w *world) succeeds() error {
	if !w.tried {
		return errors.New("nothing was tried")
	}
	w.tried = false
	return w.refusal
}

// expect checks that err is just the refusal that was expected.
func expect(err error, want refusal) error {
	if err == nil {
		return errors.New("it was not refused")
	}
	got, fields := told(err)
	if got.code != want.code || got.reason != want.reason || (want.field != "" && !slices.Contains(fields, want.field)) {
		return fmt.Errorf("refused otherwise: %w (reason %s, fields %s)", err, got.reason, strings.Join(fields, ", "))
	}
	return nil
}

// told is what an error tells a client, and the fields that it names.
func told(err error) (got refusal, fields []string) {
	got.code = status.Code(err)
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == domain {
				got.reason = detail.GetReason()
			}
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fields = append(fields, violation.GetField())
			}
		}
	}
	return got, fields
}

// atOnce does two things at once, and gives what each was told.
func atOnce(one, other func() error) (first, second error) {
	var both sync.WaitGroup
	both.Go(func() { first = one() })
	both.Go(func() { second = other() })
	both.Wait()
	return first, second
}

// justOne checks that of two things that exclude each other one succeeded, and that the other was refused as it should be.
func justOne(first, second error, want refusal) error {
	if (first == nil) == (second == nil) {
		return fmt.Errorf("not just one of them succeeded: %w", errors.Join(first, second))
	}
	return expect(errors.Join(first, second), want)
}
