package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/store"
)

func TestAUnitOfWorkKnowsWhetherItMayWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		see := func(writable *bool) func(context.Context, *store.Tx) error {
			return func(_ context.Context, tx *store.Tx) error {
				*writable = tx.Writable()
				return nil
			}
		}
		var inDo, inRead bool
		require.NoError(t, db.Do(t.Context(), see(&inDo)))
		require.NoError(t, db.Read(t.Context(), see(&inRead)))
		require.True(t, inDo)
		require.False(t, inRead)
	})
}
