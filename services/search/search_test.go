package search_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
)

// at is a moment so many minutes after the start.
func at(minutes int) *timestamppb.Timestamp {
	return timestamppb.New(servicetest.Now.Add(time.Duration(minutes) * time.Minute))
}

// just is a moment within the microsecond before at.
func just(before *timestamppb.Timestamp) *timestamppb.Timestamp {
	return timestamppb.New(before.AsTime().Add(-time.Nanosecond))
}

func TestOrdersAreFoundByAllFiltersTogether(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada, bob := w.customer("Ada Lovelace"), w.customer("Jürgen")
		orders := map[string]*orderingv1.Order{
			"tea":     order(ada, 1, line("Green Tea", "Pantry", 450)),
			"pot":     order(ada, 2, line("Teapot", "Kiln", 1200), line("Green Tea", "Pantry", 450)),
			"shoes":   order(bob, 3, line("Shoes 100% leather", "A_B Footwear", 9900)),
			"cup":     order(bob, 4, line("Cup", "Kiln", 800)),
			"present": order(bob, 5, line("Sample", "Pantry", 0)),
		}
		w.tell(orders["tea"], orders["pot"], orders["shoes"], later(orders["cup"], 2, approved), orders["present"])
		product := func(name string) string { return id.Derived("product", name) }
		shop := func(name string) string { return id.Derived("store", name) }

		for name, test := range map[string]struct {
			req  *searchv1.SearchOrdersRequest
			want []string // newest first
		}{
			"nothing asked finds all":     {&searchv1.SearchOrdersRequest{}, []string{"present", "cup", "shoes", "pot", "tea"}},
			"by customer":                 {&searchv1.SearchOrdersRequest{CustomerId: ada}, []string{"pot", "tea"}},
			"of nobody":                   {&searchv1.SearchOrdersRequest{CustomerId: id.UUIDv7()}, nil},
			"at a time or later":          {&searchv1.SearchOrdersRequest{CreatedAfter: at(4)}, []string{"present", "cup"}},
			"later, to the nanosecond":    {&searchv1.SearchOrdersRequest{CreatedAfter: just(at(4))}, []string{"present", "cup"}},
			"before a time":               {&searchv1.SearchOrdersRequest{CreatedBefore: at(2)}, []string{"tea"}},
			"before, to the nanosecond":   {&searchv1.SearchOrdersRequest{CreatedBefore: just(at(2))}, []string{"tea"}},
			"in a span":                   {&searchv1.SearchOrdersRequest{CreatedAfter: at(2), CreatedBefore: at(4)}, []string{"shoes", "pot"}},
			"in a span that is none":      {&searchv1.SearchOrdersRequest{CreatedAfter: at(4), CreatedBefore: at(2)}, nil},
			"since ever":                  {&searchv1.SearchOrdersRequest{CreatedAfter: timestamppb.New(time.Time{}), CustomerId: ada}, []string{"pot", "tea"}},
			"before all time":             {&searchv1.SearchOrdersRequest{CreatedBefore: timestamppb.New(time.Time{})}, nil},
			"until the end of time":       {&searchv1.SearchOrdersRequest{CreatedBefore: timestamppb.New(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)), CustomerId: ada}, []string{"pot", "tea"}},
			"by store":                    {&searchv1.SearchOrdersRequest{StoreIds: []string{shop("Kiln")}}, []string{"cup", "pot"}},
			"by one of several stores":    {&searchv1.SearchOrdersRequest{StoreIds: []string{shop("Kiln"), shop("Pantry")}}, []string{"present", "cup", "pot", "tea"}},
			"by product":                  {&searchv1.SearchOrdersRequest{ProductIds: []string{product("Green Tea")}}, []string{"pot", "tea"}},
			"by one of several products":  {&searchv1.SearchOrdersRequest{ProductIds: []string{product("Cup"), product("Teapot"), id.UUIDv7()}}, []string{"cup", "pot"}},
			"by store and product":        {&searchv1.SearchOrdersRequest{StoreIds: []string{shop("Kiln")}, ProductIds: []string{product("Green Tea")}}, []string{"pot"}},
			"of a total or more":          {&searchv1.SearchOrdersRequest{MinTotal: dollars(1650)}, []string{"shoes", "pot"}},
			"of a total or less":          {&searchv1.SearchOrdersRequest{MaxTotal: dollars(450)}, []string{"present", "tea"}},
			"for nothing":                 {&searchv1.SearchOrdersRequest{MaxTotal: dollars(0)}, []string{"present"}},
			"of a span of totals":         {&searchv1.SearchOrdersRequest{MinTotal: dollars(451), MaxTotal: dollars(1650)}, []string{"cup", "pot"}},
			"by status":                   {&searchv1.SearchOrdersRequest{Status: approved}, []string{"cup"}},
			"by the customer's name":      {&searchv1.SearchOrdersRequest{Text: "LOVE"}, []string{"pot", "tea"}},
			"by letters beyond English":   {&searchv1.SearchOrdersRequest{Text: "JÜRGEN"}, []string{"present", "cup", "shoes"}},
			"by a product's name":         {&searchv1.SearchOrdersRequest{Text: "teaPOT"}, []string{"pot"}},
			"by a part of names":          {&searchv1.SearchOrdersRequest{Text: "tea"}, []string{"pot", "tea"}},
			"by a store's name":           {&searchv1.SearchOrdersRequest{Text: "kiln"}, []string{"cup", "pot"}},
			"percent stands for itself":   {&searchv1.SearchOrdersRequest{Text: "100%"}, []string{"shoes"}},
			"a lone percent, too":         {&searchv1.SearchOrdersRequest{Text: "%"}, []string{"shoes"}},
			"underscore stands for it":    {&searchv1.SearchOrdersRequest{Text: "_"}, []string{"shoes"}},
			"backslash is nowhere":        {&searchv1.SearchOrdersRequest{Text: `\`}, nil},
			"nor is the escape":           {&searchv1.SearchOrdersRequest{Text: `!`}, nil},
			"quotes do no harm":           {&searchv1.SearchOrdersRequest{Text: `' OR '1'='1`}, nil},
			"names do not run together":   {&searchv1.SearchOrdersRequest{Text: "Kiln\nTeapot"}, nil},
			"all filters at once":         {&searchv1.SearchOrdersRequest{CustomerId: ada, CreatedAfter: at(1), CreatedBefore: at(3), StoreIds: []string{shop("Pantry")}, ProductIds: []string{product("Teapot")}, MinTotal: dollars(1), MaxTotal: dollars(2000), Status: pending, Text: "green"}, []string{"pot"}},
			"all, and one does not match": {&searchv1.SearchOrdersRequest{CustomerId: ada, CreatedAfter: at(1), CreatedBefore: at(3), StoreIds: []string{shop("Pantry")}, ProductIds: []string{product("Teapot")}, MinTotal: dollars(1), MaxTotal: dollars(2000), Status: approved, Text: "green"}, nil},
		} {
			var want []string
			for _, o := range test.want {
				want = append(want, orders[o].GetId())
			}
			require.Equal(t, want, ids(w.search(test.req)...), name)
		}
	})
}

func TestOrdersArePagedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada := w.customer("Ada")
		var want []string // oldest first
		for i := range 7 {
			o := order(ada, i/3, line("Tea", "Pantry", 450)) // three each were placed at the same moment
			w.tell(o)
			want = append(want, o.GetId())
		}
		for _, size := range []int32{1, 2, 3, 7, 100} {
			var got []string
			for _, o := range w.search(&searchv1.SearchOrdersRequest{PageSize: size, Text: "tea"}) {
				got = append([]string{o.GetId()}, got...)
			}
			require.Equal(t, want, got, "pages of %d", size)
		}
	})
}

func TestPagesAreStableWhileOrdersCome(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada := w.customer("Ada")
		var placed []*orderingv1.Order
		for i := range 4 {
			placed = append(placed, order(ada, i, line("Tea", "Pantry", 450)))
		}
		w.tell(placed...)
		req := &searchv1.SearchOrdersRequest{PageSize: 2}
		first, err := w.api.SearchOrders(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, ids(placed[3], placed[2]), ids(first.GetOrders()...))

		w.tell(order(ada, 9), later(placed[2], 2, approved), later(placed[1], 2, approved))
		_, err = w.api.RebuildOrders(t.Context(), &searchv1.RebuildOrdersRequest{})
		require.NoError(t, err)
		req.PageToken = first.GetNextPageToken()
		second, err := w.api.SearchOrders(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, ids(placed[1], placed[0]), ids(second.GetOrders()...))
		require.Empty(t, second.GetNextPageToken())
	})
}

func TestATokenIsGoodForItsOwnSearchOnly(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada := w.customer("Ada")
		w.tell(order(ada, 0), order(ada, 1))
		req := &searchv1.SearchOrdersRequest{PageSize: 1}
		resp, err := w.api.SearchOrders(t.Context(), req)
		require.NoError(t, err)
		for name, bad := range map[string]*searchv1.SearchOrdersRequest{
			"another search":   {PageToken: resp.GetNextPageToken(), CustomerId: ada},
			"nonsense":         {PageToken: "nonsense"},
			"made up":          {PageToken: rpc.EncodePageToken(rpc.RequestFilter(req), "yesterday x")},
			"made up with NUL": {PageToken: rpc.EncodePageToken(rpc.RequestFilter(req), "2026-11-23T09:00:00Z \x00")},
		} {
			_, err := w.api.SearchOrders(t.Context(), bad)
			require.Equal(t, rpc.ReasonInvalidPageToken, rpc.Reason(err), name)
		}
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		badTime := &timestamppb.Timestamp{Seconds: 1 << 60}
		for name, test := range map[string]struct {
			req   *searchv1.SearchOrdersRequest
			field string
		}{
			"customer":       {&searchv1.SearchOrdersRequest{CustomerId: "ada"}, "customer_id"},
			"store":          {&searchv1.SearchOrdersRequest{StoreIds: []string{"pantry"}}, "store_ids[0]"},
			"product":        {&searchv1.SearchOrdersRequest{ProductIds: []string{id.UUIDv7(), ""}}, "product_ids[1]"},
			"status":         {&searchv1.SearchOrdersRequest{Status: 99}, "status"},
			"after":          {&searchv1.SearchOrdersRequest{CreatedAfter: badTime}, "created_after"},
			"before":         {&searchv1.SearchOrdersRequest{CreatedBefore: badTime}, "created_before"},
			"negative total": {&searchv1.SearchOrdersRequest{MinTotal: dollars(-1)}, "min_total.minor_units"},
			"odd currency":   {&searchv1.SearchOrdersRequest{MaxTotal: &typev1.Money{CurrencyCode: "dollars"}}, "max_total.currency_code"},
			"NUL in text":    {&searchv1.SearchOrdersRequest{Text: "te\x00a"}, "text"},
			"page size":      {&searchv1.SearchOrdersRequest{PageSize: 101}, "page_size"},
		} {
			_, err := w.api.SearchOrders(t.Context(), test.req)
			servicetest.RequireReason(t, err, fault.Invalid, fault.InvalidFieldReason)
			refusal, _ := fault.As(rpc.FromStatus(err))
			require.Equal(t, test.field, refusal.Fields[0].Name, name)
		}
	})
}

func TestTotalsInAnotherCurrencyCannotBeAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		euros := &typev1.Money{CurrencyCode: "EUR", MinorUnits: 1}
		_, err := w.api.SearchOrders(t.Context(), &searchv1.SearchOrdersRequest{MinTotal: euros})
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
		_, err = w.api.SearchOrders(t.Context(), &searchv1.SearchOrdersRequest{MaxTotal: euros})
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
		_, err = w.api.SearchOrders(t.Context(), &searchv1.SearchOrdersRequest{MaxTotal: euros, PageToken: "nonsense"})
		require.Equal(t, rpc.ReasonInvalidPageToken, rpc.Reason(err), "broken fields are told first")
	})
}
