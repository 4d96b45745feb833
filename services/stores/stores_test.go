package stores_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
)

func TestANewStoreCanBeReadAndDoesNotParticipate(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.open(t, "Waldorf Books")
		require.False(t, books.GetParticipating())
		require.EqualValues(t, 1, books.GetVersion())
		require.Equal(t, servicetest.Now, books.GetCreateTime().AsTime())
		resp, err := m.GetStore(t.Context(), &storesv1.GetStoreRequest{Id: books.GetId()})
		require.NoError(t, err)
		requireEqual(t, books, resp.GetStore())
		m.requireSent(t, topics.StoresEvents, &storesv1.StoreCreated{Store: books})
		require.Equal(t, books.GetId(), m.Sent()[0].Meta.Subject)
	})
}

func TestEveryChangeOfAStoreIsStoredAndTold(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		books := m.open(t, "Waldorf Books")
		m.Clock.Advance(time.Hour)
		enabled, err := m.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: books.GetId()})
		require.NoError(t, err)
		require.True(t, enabled.GetStore().GetParticipating())
		rebranded, err := m.RebrandStore(ctx, &storesv1.RebrandStoreRequest{Id: books.GetId(), Name: "Astoria Books"})
		require.NoError(t, err)
		require.Equal(t, "Astoria Books", rebranded.GetStore().GetName())
		disabled, err := m.DisableParticipation(ctx, &storesv1.DisableParticipationRequest{Id: books.GetId()})
		require.NoError(t, err)
		require.False(t, disabled.GetStore().GetParticipating())
		require.EqualValues(t, 4, disabled.GetStore().GetVersion())
		require.Equal(t, servicetest.Now, disabled.GetStore().GetCreateTime().AsTime())
		require.Equal(t, servicetest.Now.Add(time.Hour), disabled.GetStore().GetUpdateTime().AsTime())

		read, err := m.GetStore(ctx, &storesv1.GetStoreRequest{Id: books.GetId()})
		require.NoError(t, err)
		requireEqual(t, disabled.GetStore(), read.GetStore())
		m.requireSent(t, topics.StoresEvents,
			&storesv1.StoreCreated{Store: books},
			&storesv1.StoreParticipationChanged{Store: enabled.GetStore()},
			&storesv1.StoreRebranded{Store: rebranded.GetStore()},
			&storesv1.StoreParticipationChanged{Store: disabled.GetStore()})
	})
}

func TestTheNameThatAStoreHasChangesAndTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.open(t, "Waldorf Books")
		resp, err := m.RebrandStore(t.Context(), &storesv1.RebrandStoreRequest{Id: books.GetId(), Name: "Waldorf Books"})
		require.NoError(t, err)
		requireEqual(t, books, resp.GetStore())
		require.Len(t, m.Sent(), 1)
	})
}

func TestParticipationIsNotChangedTwice(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		books := m.open(t, "Waldorf Books")
		_, err := m.DisableParticipation(ctx, &storesv1.DisableParticipationRequest{Id: books.GetId()})
		servicetest.RequireReason(t, err, fault.Refused, "STORE_NOT_PARTICIPATING")
		_, err = m.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: books.GetId()})
		require.NoError(t, err)
		_, err = m.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: books.GetId()})
		servicetest.RequireReason(t, err, fault.Refused, "STORE_ALREADY_PARTICIPATING")
		read, err := m.GetStore(ctx, &storesv1.GetStoreRequest{Id: books.GetId()})
		require.NoError(t, err)
		require.EqualValues(t, 2, read.GetStore().GetVersion(), "refused: nothing changes")
		require.Len(t, m.Sent(), 2, "refused: nothing is told")
	})
}

func TestAnUnknownStoreIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx, nowhere := t.Context(), id.UUIDv7()
		for name, call := range map[string]func() error{
			"GetStore": func() error {
				_, err := m.GetStore(ctx, &storesv1.GetStoreRequest{Id: nowhere})
				return err
			},
			"RebrandStore": func() error {
				_, err := m.RebrandStore(ctx, &storesv1.RebrandStoreRequest{Id: nowhere, Name: "Nowhere"})
				return err
			},
			"EnableParticipation": func() error {
				_, err := m.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: nowhere})
				return err
			},
			"DisableParticipation": func() error {
				_, err := m.DisableParticipation(ctx, &storesv1.DisableParticipationRequest{Id: nowhere})
				return err
			},
			"AddProduct": func() error {
				req := wizard(nowhere)
				req.Price.CurrencyCode = "EUR" // what does not exist comes before what is not allowed
				_, err := m.AddProduct(ctx, req)
				return err
			},
			"ListProducts": func() error {
				_, err := m.ListProducts(ctx, &storesv1.ListProductsRequest{StoreId: nowhere})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) { servicetest.RequireReason(t, call(), fault.NotFound, "STORE_NOT_FOUND") })
		}
		require.Empty(t, m.Sent())
	})
}

func TestBadInputAboutAStoreIsNamed(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		for name, test := range map[string]struct {
			req   *storesv1.CreateStoreRequest
			field string
		}{
			"no name":       {&storesv1.CreateStoreRequest{Location: "Level 2"}, "name"},
			"blank name":    {&storesv1.CreateStoreRequest{Name: "  ", Location: "Level 2"}, "name"},
			"long name":     {&storesv1.CreateStoreRequest{Name: strings.Repeat("a", 101), Location: "Level 2"}, "name"},
			"no location":   {&storesv1.CreateStoreRequest{Name: "Waldorf Books"}, "location"},
			"long location": {&storesv1.CreateStoreRequest{Name: "Waldorf Books", Location: strings.Repeat("a", 201)}, "location"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := m.CreateStore(ctx, test.req)
				requireField(t, err, test.field)
			})
		}
		_, err := m.RebrandStore(ctx, &storesv1.RebrandStoreRequest{Id: m.open(t, "Waldorf Books").GetId()})
		requireField(t, err, "name")
		_, err = m.GetStore(ctx, &storesv1.GetStoreRequest{Id: "waldorf"})
		requireField(t, err, "id")
		require.Len(t, m.Sent(), 1)
	})
}

func TestStoresAreListedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		var all, participating []string
		for _, name := range []string{"Ada", "Bob", "Cleo", "Dan", "Eve"} {
			all = append(all, m.open(t, name).GetId())
			participating = append(participating, m.openForAll(t, name).GetId())
			all = append(all, participating[len(participating)-1])
		}
		require.Equal(t, all, m.listStores(t, false))
		require.Equal(t, participating, m.listStores(t, true))

		_, err := m.DisableParticipation(t.Context(), &storesv1.DisableParticipationRequest{Id: participating[0]})
		require.NoError(t, err)
		require.Equal(t, participating[1:], m.listStores(t, true))
	})
}

// listStores gives the ids of all stores, two at a time.
func (m mall) listStores(t *testing.T, participatingOnly bool) (ids []string) {
	t.Helper()
	req := &storesv1.ListStoresRequest{ParticipatingOnly: participatingOnly, PageSize: 2}
	for {
		resp, err := m.ListStores(t.Context(), req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(resp.GetStores()), 2)
		for _, shop := range resp.GetStores() {
			ids = append(ids, shop.GetId())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return ids
		}
	}
}

func TestAPageTokenIsOfOneListing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		m.open(t, "Ada")
		m.open(t, "Bob")
		resp, err := m.ListStores(t.Context(), &storesv1.ListStoresRequest{PageSize: 1})
		require.NoError(t, err)
		_, err = m.ListStores(t.Context(), &storesv1.ListStoresRequest{PageToken: resp.GetNextPageToken(), ParticipatingOnly: true})
		servicetest.RequireReason(t, err, fault.Invalid, "INVALID_PAGE_TOKEN")
	})
}
