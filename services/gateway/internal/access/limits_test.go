package access

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

func TestABucketIsFilledAsTimePasses(t *testing.T) {
	l, err := newLimits(4, 10)
	require.NoError(t, err)
	now := start
	for n := range 8 {
		_, ok := l.take("a", now)
		require.True(t, ok, "two seconds' worth may come at once, this is call %d", n+1)
	}
	wait, ok := l.take("a", now)
	require.False(t, ok)
	require.Equal(t, 250*time.Millisecond, wait)
	_, ok = l.take("b", now)
	require.True(t, ok, "another client has a bucket of its own")

	now = now.Add(wait)
	_, ok = l.take("a", now)
	require.True(t, ok, "after the time that was told")
	wait, ok = l.take("a", now.Add(100*time.Millisecond))
	require.False(t, ok)
	require.InDelta(t, 150*time.Millisecond, wait, float64(time.Microsecond))
	_, ok = l.take("a", now.Add(time.Hour))
	require.True(t, ok)
}

func TestLessThanACallASecond(t *testing.T) {
	l, err := newLimits(0.1, 10)
	require.NoError(t, err)
	_, ok := l.take("a", start)
	require.True(t, ok)
	wait, ok := l.take("a", start)
	require.False(t, ok)
	require.Equal(t, 10*time.Second, wait.Round(time.Millisecond))
}

func TestClientsThatWereIdleLongestAreForgotten(t *testing.T) {
	l, err := newLimits(0.5, 3)
	require.NoError(t, err)
	for _, client := range []string{"a", "b", "c", "a", "d"} { // a's second call is refused, and shows that it is there; d takes the place of b
		l.take(client, start)
	}
	require.Equal(t, 3, l.clients.Len())
	for client, remembered := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		require.Equal(t, remembered, l.clients.Contains(client), client)
	}
	for n := range 10 * maxClients {
		l.take(fmt.Sprint(n), start)
	}
	require.Equal(t, 3, l.clients.Len())
}

func TestRatesThatMakeNoSense(t *testing.T) {
	for _, perSecond := range []float64{-1, math.NaN(), math.Inf(1), 2e6} {
		_, err := newLimits(perSecond, 10)
		require.ErrorContains(t, err, "must be from 0")
	}
	none, err := newLimits(0, 10)
	require.NoError(t, err)
	for range 1000 {
		_, ok := none.take("a", start)
		require.True(t, ok)
	}
}

func TestWhereAClientIs(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7:41":              "192.0.2.7",
		"[::ffff:192.0.2.7]:41":     "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:41": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:41":         "fe80::/64",
		"@":                         "@",
		"":                          "",
	} {
		require.Equal(t, want, site(addr), addr)
	}
}
