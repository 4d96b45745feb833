package people

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRememberedIDsAreBounded(t *testing.T) {
	var s ids
	require.False(t, s.has("0"))
	for i := range maxIDs {
		s.add(strconv.Itoa(i))
	}
	require.True(t, s.has("0"))
	s.add("one more")
	require.True(t, s.has("one more"))
	require.False(t, s.has("0"))
	require.Len(t, s.set, 1)
}
