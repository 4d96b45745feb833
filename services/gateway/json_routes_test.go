package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

const (
	anID      = "01920f3c-5e3a-7c1e-9b7a-0242ac120002"
	anotherID = "01920f3c-5e3a-7c1e-9b7a-0242ac120003"
)

var variable = regexp.MustCompile(`\{\w+\}`)

// routeOf is the route of a method by its contract.
func routeOf(t *testing.T, method protoreflect.MethodDescriptor) (verb, template string) {
	t.Helper()
	rule := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, pattern.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, pattern.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, pattern.Delete
	}
	require.Fail(t, "no route", method.FullName())
	return "", ""
}

// head is an answer without its body.
type head struct {
	StatusCode int
	Header     http.Header
}

// call sends JSON, or nothing, and gives the answer.
func (e *edge) call(verb, path, body string, headers ...string) (head, string) {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), verb, "http://"+e.http+path, strings.NewReader(body))
	require.NoError(e.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	return head{resp.StatusCode, resp.Header}, string(answer)
}

func TestEachRPCIsReachedByItsRoute(t *testing.T) {
	peers := map[string]string{}
	for _, full := range publicServices {
		name := strings.Split(full, ".")[1]
		peers[name] = refuseAll(t, name)
	}
	e := start(t, peers)
	for _, full := range publicServices {
		for _, method := range methodsOf(t, full) {
			verb, template := routeOf(t, method)
			body := ""
			if verb == http.MethodPost {
				body = "{}"
			}
			resp, answer := e.call(verb, variable.ReplaceAllString(template, anID), body)
			require.Equal(t, http.StatusBadRequest, resp.StatusCode, "%s %s: %s", verb, template, answer)
			name := "/" + full + "/" + string(method.Name())
			require.Contains(t, answer, strings.Split(full, ".")[1]+" "+name, "%s %s", verb, template)
		}
	}
}

func TestTheOpenAPIDocumentHasEveryRoute(t *testing.T) {
	resp, answer := start(t, nil).call(http.MethodGet, "/openapi.json", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	type operation struct {
		Summary, OperationID string
		Tags                 []string
		Responses            map[string]struct {
			Schema map[string]any
		}
	}
	var document struct {
		Swagger string
		Info    struct{ Title, Version, Description string }
		Tags    []struct{ Name, Description string }
		Paths   map[string]map[string]operation

		SecurityDefinitions map[string]struct{ Type, In, Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &document))
	require.Equal(t, "2.0", document.Swagger)
	require.Equal(t, "MallBots", document.Info.Title)
	require.Contains(t, document.Info.Description, "google.rpc.Status")
	require.Equal(t, struct{ Type, In, Name string }{"apiKey", "header", "Authorization"}, document.SecurityDefinitions["token"])
	known := 0
	for _, full := range publicServices {
		tag := full[strings.LastIndex(full, ".")+1:]
		require.True(t, slices.ContainsFunc(document.Tags, func(described struct{ Name, Description string }) bool {
			return described.Name == tag && described.Description != ""
		}), tag)
		for _, method := range methodsOf(t, full) {
			verb, template := routeOf(t, method)
			template = regexp.MustCompile(`_[a-z]`).ReplaceAllStringFunc(template, func(s string) string { return strings.ToUpper(s[1:]) })
			op, ok := document.Paths[template][strings.ToLower(verb)]
			require.True(t, ok, "%s %s", verb, template)
			require.Equal(t, []string{tag}, op.Tags)
			require.Equal(t, tag+"_"+string(method.Name()), op.OperationID)
			require.NotEmpty(t, op.Summary)
			require.Equal(t, "#/definitions/Status", op.Responses["default"].Schema["$ref"])
			known++
		}
	}
	total := 0
	for _, verbs := range document.Paths {
		total += len(verbs)
	}
	require.Equal(t, known, total, "and no other")
}

// canned is a backend that expects one request and has its answer ready.
type canned struct {
	method            string
	request, response proto.Message
	got               proto.Message
}

func (c *canned) serve(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	if method != c.method {
		return status.Error(codes.Unimplemented, method)
	}
	c.got = c.request.ProtoReflect().New().Interface()
	if err := stream.RecvMsg(c.got); err != nil {
		return err
	}
	return stream.SendMsg(c.response)
}

// One shopping trip in JSON: what a client writes, what the services read of it, what they answer, and what the client reads of that.
func TestRequestsAndAnswersInJSON(t *testing.T) {
	backend := &canned{}
	server := grpc.NewServer(grpc.UnknownServiceHandler(backend.serve))
	listener := listen(t)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	peers := map[string]string{}
	for _, full := range publicServices {
		peers[strings.Split(full, ".")[1]] = listener.Addr().String()
	}
	e := start(t, peers)
	usd := func(units int64) *typev1.Money { return &typev1.Money{CurrencyCode: "USD", MinorUnits: units} }

	for _, test := range []struct {
		verb, path, body string
		method           string
		request          proto.Message
		response         proto.Message
		answer           string
	}{
		{
			http.MethodPost, "/v1/stores", `{"name": "Toys", "location": "Level 1"}`,
			storesv1.StoresService_CreateStore_FullMethodName,
			&storesv1.CreateStoreRequest{Name: "Toys", Location: "Level 1"},
			&storesv1.CreateStoreResponse{Store: &storesv1.Store{Id: anID, Name: "Toys", Location: "Level 1", Version: 1}},
			`{"store": {"id": "` + anID + `", "name": "Toys", "location": "Level 1", "participating": false, "version": "1",
			  "createTime": null, "updateTime": null}}`,
		},
		{
			http.MethodPost, "/v1/stores/" + anID + ":enableParticipation", ``,
			storesv1.StoresService_EnableParticipation_FullMethodName,
			&storesv1.EnableParticipationRequest{Id: anID}, &storesv1.EnableParticipationResponse{}, `{"store": null}`,
		},
		{
			http.MethodPost, "/v1/stores/" + anID + "/products",
			`{"storeId": "in the path", "name": "Robot", "price": {"currencyCode": "USD", "minorUnits": "1250"}, "stock": 7}`,
			storesv1.StoresService_AddProduct_FullMethodName,
			&storesv1.AddProductRequest{StoreId: anID, Name: "Robot", Price: usd(1250), Stock: new(int64(7))},
			&storesv1.AddProductResponse{}, `{"product": null}`,
		},
		{
			http.MethodGet, "/v1/stores/" + anID + "/products?pageSize=2&page_token=next", ``,
			storesv1.StoresService_ListProducts_FullMethodName,
			&storesv1.ListProductsRequest{StoreId: anID, PageSize: 2, PageToken: "next"},
			&storesv1.ListProductsResponse{}, `{"products": [], "nextPageToken": ""}`,
		},
		{
			http.MethodDelete, "/v1/products/" + anID + "?requestId=" + anotherID, ``,
			storesv1.StoresService_RemoveProduct_FullMethodName,
			&storesv1.RemoveProductRequest{Id: anID, RequestId: new(anotherID)},
			&storesv1.RemoveProductResponse{}, `{"product": null}`,
		},
		{
			http.MethodPost, "/v1/customers", `{"name": "Ada", "sms_number": "+15555550123"}`,
			customersv1.CustomersService_RegisterCustomer_FullMethodName,
			&customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "+15555550123"},
			&customersv1.RegisterCustomerResponse{}, `{"customer": null}`,
		},
		{
			http.MethodPost, "/v1/baskets/" + anID + ":addItem", `{"productId": "` + anotherID + `", "quantity": 3}`,
			basketsv1.BasketsService_AddItem_FullMethodName,
			&basketsv1.AddItemRequest{BasketId: anID, ProductId: anotherID, Quantity: 3},
			&basketsv1.AddItemResponse{}, `{"basket": null}`,
		},
		{
			http.MethodPost, "/v1/payments", `{"customerId": "` + anID + `", "amount": {"currencyCode": "USD", "minorUnits": 5000}}`,
			paymentsv1.PaymentsService_AuthorizePayment_FullMethodName,
			&paymentsv1.AuthorizePaymentRequest{CustomerId: anID, Amount: usd(5000)},
			&paymentsv1.AuthorizePaymentResponse{}, `{"payment": null}`,
		},
		{
			http.MethodPost, "/v1/baskets/" + anID + ":checkout", `{"paymentId": "` + anotherID + `"}`,
			basketsv1.BasketsService_CheckoutBasket_FullMethodName,
			&basketsv1.CheckoutBasketRequest{Id: anID, PaymentId: anotherID},
			&basketsv1.CheckoutBasketResponse{OrderId: anID}, `{"basket": null, "orderId": "` + anID + `"}`,
		},
		{
			http.MethodGet, "/v1/customers/" + anID + "/orders", ``,
			orderingv1.OrderingService_ListOrders_FullMethodName,
			&orderingv1.ListOrdersRequest{CustomerId: anID},
			&orderingv1.ListOrdersResponse{NextPageToken: "more"}, `{"orders": [], "nextPageToken": "more"}`,
		},
		{
			http.MethodGet, "/v1/shoppingLists?status=SHOPPING_LIST_STATUS_AVAILABLE", ``,
			depotv1.DepotService_ListShoppingLists_FullMethodName,
			&depotv1.ListShoppingListsRequest{Status: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE},
			&depotv1.ListShoppingListsResponse{ShoppingLists: []*depotv1.ShoppingList{}}, `{"shoppingLists": [], "nextPageToken": ""}`,
		},
		{
			http.MethodGet, "/v1/search/orders?storeIds=" + anID + "&storeIds=" + anotherID + "&minTotal.currencyCode=USD&minTotal.minorUnits=9&text=robot",
			``, searchv1.SearchService_SearchOrders_FullMethodName,
			&searchv1.SearchOrdersRequest{StoreIds: []string{anID, anotherID}, MinTotal: usd(9), Text: "robot"},
			&searchv1.SearchOrdersResponse{}, `{"orders": [], "nextPageToken": ""}`,
		},
		{
			http.MethodPost, "/v1/invoices/" + anID + ":pay", `{}`,
			paymentsv1.PaymentsService_PayInvoice_FullMethodName, &paymentsv1.PayInvoiceRequest{Id: anID},
			&paymentsv1.PayInvoiceResponse{}, `{"invoice": null}`,
		},
	} {
		t.Run(test.verb+" "+test.path, func(t *testing.T) {
			backend.method, backend.request, backend.response = test.method, test.request, test.response
			resp, answer := e.call(test.verb, test.path, test.body)
			require.Equal(t, http.StatusOK, resp.StatusCode, answer)
			require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
			require.True(t, proto.Equal(test.request, backend.got), "the service was asked %v", backend.got)
			require.JSONEq(t, test.answer, answer)
		})
	}
}
