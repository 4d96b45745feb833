package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/aggregate"
	"mallbots.example/services/depot/internal/convert"
	"mallbots.example/services/depot/internal/domain"
)

func TestEveryStatusOfTheAPIIsOneOfAListAndBack(t *testing.T) {
	for number := range depotv1.ShoppingListStatus_name {
		status := depotv1.ShoppingListStatus(number)
		if status == depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_UNSPECIFIED {
			require.Empty(t, convert.Status(status))
			continue
		}
		list := domain.RestoreShoppingList(aggregate.Meta{ID: "list"}, domain.ListState{Status: convert.Status(status)})
		require.Equal(t, status, convert.ShoppingList(list).GetStatus())
	}
}
