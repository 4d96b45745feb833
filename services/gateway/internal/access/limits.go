package access

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	// burstTime is how long a client that was idle may save up for: a page that opens with some calls at once is not refused.
	burstTime = 2 * time.Second
	// maxClients are remembered, some 200 bytes each. Of more, the one that has been idle longest is forgotten, and has a full bucket when
	// it comes back: what it would have had anyway, unless it is one of very many that call at the same time.
	maxClients = 16384
	// maxRate is beyond what a gateway can pass on; more is a typo.
	maxRate = 1e6
	// siteBits are what of an IPv6 address names the site: it may make up the rest as it likes.
	siteBits = 64
)

// limits is a token bucket a client. nil limits nothing.
type limits struct {
	perSecond float64
	burst     int
	clients   *lru.Cache[string, *rate.Limiter]
}

// newLimits makes the limits for so many calls a second and client, 0 for none, that remember so many clients.
func newLimits(perSecond float64, clients int) (*limits, error) {
	switch {
	case perSecond == 0:
		return nil, nil
	case !(perSecond > 0 && perSecond <= maxRate): // nor NaN
		return nil, fmt.Errorf("must be from 0 (no limit) to %d calls a second", int(maxRate))
	}
	cache, err := lru.New[string, *rate.Limiter](clients)
	if err != nil {
		return nil, err
	}
	return &limits{perSecond: perSecond, burst: int(math.Ceil(perSecond * burstTime.Seconds())), clients: cache}, nil
}

// take counts a call of a client. If it is one too many, it gives the time after which there is room for one.
func (l *limits) take(client string, now time.Time) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	bucket, known := l.clients.Get(client)
	if !known {
		bucket = rate.NewLimiter(rate.Limit(l.perSecond), l.burst)
		if other, raced, _ := l.clients.PeekOrAdd(client, bucket); raced {
			bucket = other
		}
	}
	if bucket.AllowN(now, 1) {
		return 0, true
	}
	missing := 1 - bucket.TokensAt(now)
	return time.Duration(max(0, missing) / l.perSecond * float64(time.Second)), false
}

// site is what a client without a token is counted by: the address of its connection. What a header says about it is up to its sender.
func site(addr string) string {
	from, err := netip.ParseAddrPort(addr)
	if err != nil {
		return addr // such as of a pipe
	}
	ip := from.Addr().Unmap().WithZone("")
	if prefix, err := ip.Prefix(siteBits); err == nil && ip.Is6() {
		return prefix.String()
	}
	return ip.String()
}
