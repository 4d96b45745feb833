package account

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	"mallbots.example/pkg/rpc"
)

// answers gives one error after the other, then an answer, and keeps the request ids it was asked with.
type answers struct {
	errs []error
	ids  []string
}

func (a *answers) checkOut(_ context.Context, req *basketsv1.CheckoutBasketRequest, _ ...grpc.CallOption) (*basketsv1.CheckoutBasketResponse, error) {
	a.ids = append(a.ids, req.GetRequestId())
	if n := len(a.ids); n <= len(a.errs) {
		return nil, a.errs[n-1]
	}
	return &basketsv1.CheckoutBasketResponse{OrderId: "order"}, nil
}

func refusal(t *testing.T, code codes.Code, reason string) error {
	t.Helper()
	st, err := status.New(code, "no").WithDetails(&errdetails.ErrorInfo{Domain: rpc.Domain, Reason: reason})
	require.NoError(t, err)
	return st.Err()
}

func TestACallIsMadeAgainWithItsRequestIDUntilItIsAnswered(t *testing.T) {
	a := &answers{errs: []error{
		status.Error(codes.Unavailable, "away"), refusal(t, codes.Aborted, "VERSION_CONFLICT"), status.Error(codes.NotFound, "of a proxy, not of the mall"),
	}}
	c := &calls{patience: time.Minute, count: newCounts()}
	requestID := "one"

	resp, err := ask(t.Context(), c, "Baskets/CheckoutBasket", a.checkOut, &basketsv1.CheckoutBasketRequest{RequestId: &requestID})

	require.NoError(t, err)
	require.Equal(t, "order", resp.GetOrderId())
	require.Equal(t, []string{"one", "one", "one", "one"}, a.ids)
	m := c.count.methods["Baskets/CheckoutBasket"]
	require.Equal(t, &Method{
		Method: m.Method, Calls: 1, Retried: 3, Failed: map[string]int{"Unavailable": 1, "Aborted": 1, "NotFound": 1}, Attempts: map[string]int{},
	}, m)
	require.Equal(t, 3, c.count.failures())
}

func TestARefusalIsAnAnswer(t *testing.T) {
	a := &answers{errs: []error{refusal(t, codes.FailedPrecondition, "BASKET_NOT_OPEN")}}
	c := &calls{patience: time.Minute, count: newCounts()}

	_, err := ask(t.Context(), c, "Baskets/CheckoutBasket", a.checkOut, &basketsv1.CheckoutBasketRequest{})

	require.Equal(t, "BASKET_NOT_OPEN", refused(err))
	require.Len(t, a.ids, 1)
	require.Zero(t, c.count.failures())
}

func TestACallIsGivenUpWhenPatienceEnds(t *testing.T) {
	a := &answers{errs: make([]error, 1000)}
	for i := range a.errs {
		a.errs[i] = status.Error(codes.Internal, "broken")
	}
	c := &calls{patience: time.Millisecond, count: newCounts()}

	_, err := ask(t.Context(), c, "Baskets/CheckoutBasket", a.checkOut, &basketsv1.CheckoutBasketRequest{})

	require.Equal(t, codes.Internal, status.Code(err))
	require.Empty(t, refused(err))
	require.Equal(t, len(a.ids), c.count.failures())
}

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	c := newCounts()
	require.Equal(t, Latency{}, c.latency())
	for i := range 200 {
		c.approved(time.Duration(200-i) * time.Millisecond)
	}
	require.Equal(t, Latency{Orders: 200, P50: 100, P99: 198, Max: 200}, c.latency())
}

func TestMethodsAreNamedShort(t *testing.T) {
	require.Equal(t, "Baskets/AddItem", shortMethod("/mallbots.baskets.v1.BasketsService/AddItem"))
}
