package aggregate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
)

func TestEachChangeIsOneVersion(t *testing.T) {
	born, later := time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC()
	root := aggregate.New[string]("a")
	require.Zero(t, root.StoredVersion())
	root.Record("born", born)
	root.Record("renamed", later)
	require.Equal(t, aggregate.Meta{ID: "a", Version: 2, CreatedAt: born, UpdatedAt: later}, root.Meta())
	require.Equal(t, []string{"born", "renamed"}, root.Events())
	require.Zero(t, root.StoredVersion(), "it has no row yet")
}

func TestARestoredAggregateRemembersTheVersionOfItsRow(t *testing.T) {
	born, later := time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC()
	root := aggregate.Restored[string](aggregate.Meta{ID: "a", Version: 7, CreatedAt: born, UpdatedAt: born})
	require.Empty(t, root.Events())
	root.Record("renamed", later)
	require.EqualValues(t, 7, root.StoredVersion())
	require.Equal(t, aggregate.Meta{ID: "a", Version: 8, CreatedAt: born, UpdatedAt: later}, root.Meta())
}
