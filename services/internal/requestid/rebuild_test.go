package requestid_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/search"
)

func TestARebuildIsNotOneTransactionAndIsAnsweredOnce(t *testing.T) {
	peers := map[string]grpc.ClientConnInterface{"customers": away{}}
	servicetest.Each(t, search.Service(), peers, func(t *testing.T, h *servicetest.Harness) {
		last := func() (last int64) {
			require.NoError(t, h.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				return tx.QueryRow(ctx, `SELECT last FROM projections`).Scan(&last)
			}))
			return last
		}
		exec := func(query string, args ...any) {
			require.NoError(t, h.DB.Do(t.Context(), func(_ context.Context, tx *store.Tx) error { tx.Queue(query, args...); return nil }))
		}
		c := searchv1.NewSearchServiceClient(h.Conn)
		req := &searchv1.RebuildOrdersRequest{RequestId: proto.String(id.UUIDv7())}
		exec(`INSERT INTO order_events (order_id, version, type, payload, projection, recorded_at) VALUES ('o', 1, 'no order', $1, 'orders', $2)`,
			[]byte("nothing that can be read"), servicetest.Now)
		before := last()
		_, err := c.RebuildOrders(t.Context(), req)
		require.Error(t, err)
		require.Equal(t, before+1, last(), "its first unit stays, though the request came to nothing")

		exec(`DELETE FROM order_events`)
		for range 2 {
			_, err := c.RebuildOrders(t.Context(), req)
			require.NoError(t, err)
			require.Equal(t, before+2, last())
		}
	})
}
