package rpc

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	searchv1 "mallbots.example/api/mallbots/search/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/search/internal/convert"
	"mallbots.example/services/search/internal/domain"
)

// filterOf reads what is asked for. Rules that are annotations of the contract hold already.
func filterOf(req *searchv1.SearchOrdersRequest) (filter domain.Filter, err error) {
	filter = domain.Filter{
		CustomerID: req.GetCustomerId(), StoreIDs: req.GetStoreIds(), ProductIDs: req.GetProductIds(),
		Status: convert.Status(req.GetStatus()), Text: req.GetText(),
	}
	if filter.CreatedAfter, err = momentOf("created_after", req.GetCreatedAfter()); err != nil {
		return domain.Filter{}, err
	}
	if filter.CreatedBefore, err = momentOf("created_before", req.GetCreatedBefore()); err != nil {
		return domain.Filter{}, err
	}
	if filter.MinTotal, err = amountOf(req.GetMinTotal()); err != nil {
		return domain.Filter{}, err
	}
	if filter.MaxTotal, err = amountOf(req.GetMaxTotal()); err != nil {
		return domain.Filter{}, err
	}
	return filter, domain.CheckText(filter.Text)
}

func momentOf(field string, t *timestamppb.Timestamp) (*time.Time, error) {
	if t == nil {
		return nil, nil
	}
	if t.CheckValid() != nil {
		return nil, fault.BadField(field, "must be between the years 1 and 9999")
	}
	moment := domain.WholeMicroseconds(t.AsTime())
	return &moment, nil
}

func amountOf(m *typev1.Money) (money.Money, error) {
	if m == nil {
		return money.Money{}, nil
	}
	return moneypb.FromProto(m)
}

// cursorOf is an order's place as the cursor of a page.
func cursorOf(order domain.Found) string {
	place := order.Place()
	return place.CreatedAt.Format(time.RFC3339Nano) + " " + place.ID
}

// placeOf is the place that a cursor stands for; the zero Place for that of the first page. A client may have made it up.
func placeOf(cursor string) (domain.Place, error) {
	if cursor == "" {
		return domain.Place{}, nil
	}
	at, id, _ := strings.Cut(cursor, " ")
	createdAt, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || strings.ContainsRune(id, 0) {
		f := fault.BadField("page_token", "is not one that this call gave")
		f.Reason = rpc.ReasonInvalidPageToken
		return domain.Place{}, f
	}
	return domain.Place{CreatedAt: createdAt.UTC(), ID: id}, nil
}
