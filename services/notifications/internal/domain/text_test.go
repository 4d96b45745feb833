package domain_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/money"
	"mallbots.example/services/notifications/internal/domain"
)

func text(t *testing.T, kind domain.Kind, order domain.Order) string {
	t.Helper()
	n, err := domain.Write("n", kind, order, number, monday)
	require.NoError(t, err)
	return n.State().Text
}

func TestEachKindSaysWhatHappened(t *testing.T) {
	paid := order
	paid.Total = money.Must("USD", 1234)
	rejected := order
	rejected.RejectReason = "OUT_OF_STOCK"
	for want, got := range map[string]string{
		"MallBots: we have received your order 9F2C41AB for USD 12.34. We'll tell you when it is ready.":   text(t, domain.OrderReceived, paid),
		"MallBots: we have received your order 9F2C41AB. We'll tell you when it is ready.":                 text(t, domain.OrderReceived, order),
		"MallBots: your order 9F2C41AB is ready. Please pay at the counter of the depot and take it home.": text(t, domain.OrderReady, order),
		"MallBots: your order 9F2C41AB is canceled. You pay nothing.":                                      text(t, domain.OrderCanceled, order),
		"MallBots: we can't take your order 9F2C41AB: something in it is sold out. You pay nothing.":       text(t, domain.OrderRejected, rejected),
	} {
		require.Equal(t, want, got)
	}
}

// The reasons for which a saga rejects an order, after api/README.md.
var rejections = []string{
	"CUSTOMER_NOT_FOUND", "CUSTOMER_DISABLED", "OUT_OF_STOCK", "PRODUCT_NOT_FOUND", "PRODUCT_REMOVED", "STORE_NOT_PARTICIPATING",
	"PAYMENT_NOT_FOUND", "PAYMENT_OF_OTHER_CUSTOMER", "PAYMENT_IN_USE", "PAYMENT_NOT_AUTHORIZED", "PAYMENT_TOO_SMALL", "CURRENCY_MISMATCH",
}

func TestEachReasonOfARejectionIsPutIntoWords(t *testing.T) {
	o := order
	unknown := text(t, domain.OrderRejected, o)
	require.Contains(t, unknown, "something went wrong on our side")
	for _, reason := range rejections {
		o.RejectReason = reason
		words := text(t, domain.OrderRejected, o)
		require.NotEqual(t, unknown, words, reason)
		require.NotContains(t, words, "_", "a customer reads it")
	}
	o.RejectReason = "A_REASON_OF_A_LATER_RELEASE"
	require.Equal(t, unknown, text(t, domain.OrderRejected, o))
}

func TestEveryTextFitsOneSms(t *testing.T) {
	const limit = 160
	o := order
	o.Total = money.Must("USD", 1<<62)
	texts := []string{text(t, domain.OrderReceived, o), text(t, domain.OrderReady, o), text(t, domain.OrderCanceled, o)}
	for _, reason := range append(rejections, "RESERVATION_CLOSED") {
		o.RejectReason = reason
		texts = append(texts, text(t, domain.OrderRejected, o))
	}
	for _, words := range texts {
		require.LessOrEqual(t, len(words), limit, words)
		require.Equal(t, -1, strings.IndexFunc(words, func(r rune) bool { return r > unicode.MaxASCII }), words)
	}
}

func TestPeopleCallAnOrderByTheEndOfItsID(t *testing.T) {
	require.Equal(t, "9F2C41AB", domain.Number(order.ID))
	require.Equal(t, "ABC", domain.Number("abc"))
}
