package account

import (
	"context"
	"fmt"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

const (
	// plenty is more than all customers together can want: MaxOrders × maxPieces.
	plenty = 10_000_000
	// few is what there is of the scarce product; a greedy customer wants one more.
	few      = 3
	currency = "USD"
)

// shop is what the load sells, so that its stock is known to the piece.
type shop struct {
	storeIDs []string
	products []*storesv1.Product // of plenty
	scarce   *storesv1.Product
}

// open opens two stores, so that orders have several stops.
func (l *Load) open(ctx context.Context) error {
	for _, name := range []string{"Tinker", "Cogs"} {
		storeID, err := l.openStore(ctx, name)
		if err != nil {
			return err
		}
		l.shop.storeIDs = append(l.shop.storeIDs, storeID)
		for i := range int64(2) {
			product, err := l.addProduct(ctx, storeID, fmt.Sprintf("%s No. %d", name, i+1), 1450+i, plenty)
			if err != nil {
				return err
			}
			l.shop.products = append(l.shop.products, product)
		}
	}
	scarce, err := l.addProduct(ctx, l.shop.storeIDs[0], "Rarity", 9900, few)
	l.shop.scarce = scarce
	return err
}

func (l *Load) openStore(ctx context.Context, name string) (string, error) {
	store, err := ask(ctx, l.calls, "Stores/CreateStore", l.stores.CreateStore, &storesv1.CreateStoreRequest{
		Name: name, Location: "load", RequestId: l.requestID(),
	})
	if err != nil {
		return "", err
	}
	id := store.GetStore().GetId()
	_, err = ask(ctx, l.calls, "Stores/EnableParticipation", l.stores.EnableParticipation, &storesv1.EnableParticipationRequest{
		Id: id, RequestId: l.requestID(),
	})
	return id, err
}

func (l *Load) addProduct(ctx context.Context, storeID, name string, cents, stock int64) (*storesv1.Product, error) {
	resp, err := ask(ctx, l.calls, "Stores/AddProduct", l.stores.AddProduct, &storesv1.AddProductRequest{
		StoreId: storeID, Name: name, Stock: &stock, RequestId: l.requestID(),
		Price: &typev1.Money{CurrencyCode: currency, MinorUnits: cents},
	})
	return resp.GetProduct(), err
}

// close takes the stores out of the mall, so that nobody else finds them there. It touches no order: a store that leaves keeps its promises.
func (l *Load) close(ctx context.Context) {
	for _, id := range l.shop.storeIDs {
		if _, err := ask(ctx, l.calls, "Stores/DisableParticipation", l.stores.DisableParticipation, &storesv1.DisableParticipationRequest{
			Id: id, RequestId: l.requestID(),
		}); err != nil {
			l.tell("the store %s could not be closed: %v", id, err)
		}
	}
}
