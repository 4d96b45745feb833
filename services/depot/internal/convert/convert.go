// Package convert turns shopping lists and bots into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/services/depot/internal/domain"
)

// ShoppingList is the public state of a list.
func ShoppingList(l *domain.ShoppingList) *depotv1.ShoppingList {
	state, meta := l.State(), l.Meta()
	list := &depotv1.ShoppingList{
		Id: meta.ID, OrderId: state.OrderID, BotId: state.BotID, Status: statuses[state.Status],
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
	for _, stop := range state.Stops {
		list.Stops = append(list.Stops, stopOf(stop))
	}
	return list
}

func stopOf(s domain.Stop) *depotv1.Stop {
	stop := &depotv1.Stop{StoreId: s.StoreID, StoreName: s.StoreName, StoreLocation: s.StoreLocation}
	for _, item := range s.Items {
		stop.Items = append(stop.Items, &depotv1.StopItem{
			ProductId: item.ProductID, ProductName: item.ProductName, Quantity: int32(item.Quantity), // the domain keeps it in range
		})
	}
	return stop
}

// Bot is the public state of a bot.
func Bot(b *domain.Bot) *depotv1.Bot {
	state, meta := b.State(), b.Meta()
	status := depotv1.BotStatus_BOT_STATUS_IDLE
	if state.Status() == domain.Busy {
		status = depotv1.BotStatus_BOT_STATUS_BUSY
	}
	return &depotv1.Bot{
		Id: meta.ID, Name: state.Name, Status: status, ShoppingListId: state.ListID,
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
}

// statuses are all that a list can have; a tombstone is never shown.
var statuses = map[domain.Status]depotv1.ShoppingListStatus{
	domain.Pending:   depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_PENDING,
	domain.Available: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE,
	domain.Assigned:  depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED,
	domain.Completed: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED,
	domain.Canceled:  depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED,
}

// Status reads a status of the API; unspecified is "".
func Status(wanted depotv1.ShoppingListStatus) domain.Status {
	for status, shown := range statuses {
		if shown == wanted {
			return status
		}
	}
	return ""
}
