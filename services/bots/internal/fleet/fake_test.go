package fleet_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/bots/internal/fleet"
)

// fakeDepot is depot as one bot sees it: lists are offered, one after the other, to whoever watches.
type fakeDepot struct {
	depotv1.DepotServiceClient // the rest, which no bot calls

	mu       sync.Mutex
	has      string              // the list of the bot
	taken    map[string]bool     // by other bots
	fail     map[string][]error  // what the next calls give instead of an answer, by call
	lost     map[string]bool     // calls that are carried out, and whose answer is lost, once
	calls    []string            // in order, those that concern a list with its id
	at       []time.Duration     // when
	started  time.Time           // of the first call on
	offers   chan string         // lists that are available
	breaks   chan error          // ends a stream
	watching map[*fakeStream]any // open streams
	hold     chan struct{}       // if not nil, assignments wait until it is closed
}

func newFakeDepot() *fakeDepot {
	return &fakeDepot{
		taken: map[string]bool{}, fail: map[string][]error{}, lost: map[string]bool{}, started: time.Now(),
		offers: make(chan string, 100), breaks: make(chan error), watching: map[*fakeStream]any{},
	}
}

var errAway = rpc.ToStatus(rpc.ErrUnavailable).Err()

func refusal(reason string) error { return rpc.ToStatus(fault.Refuse(reason, "no")).Err() }

// called notes a call, and gives the error that it is to have.
func (d *fakeDepot) called(call, list string) error {
	d.calls = append(d.calls, call+list)
	d.at = append(d.at, time.Since(d.started))
	if next := d.fail[call]; len(next) > 0 {
		d.fail[call] = next[1:]
		return next[0]
	}
	return nil
}

// answer loses the answer to a call that is carried out, if it is to be lost.
func (d *fakeDepot) answer(call string) error {
	if d.lost[call] {
		d.lost[call] = false
		return errAway
	}
	return nil
}

func (d *fakeDepot) RegisterBot(_ context.Context, req *depotv1.RegisterBotRequest, _ ...grpc.CallOption) (*depotv1.RegisterBotResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.called("register ", req.GetName()); err != nil {
		return nil, err
	}
	return &depotv1.RegisterBotResponse{Bot: &depotv1.Bot{Id: "id of " + req.GetName(), ShoppingListId: d.has}}, nil
}

func (d *fakeDepot) AssignShoppingList(ctx context.Context, req *depotv1.AssignShoppingListRequest, _ ...grpc.CallOption) (*depotv1.AssignShoppingListResponse, error) {
	if d.hold != nil {
		<-d.hold
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.called("assign ", req.GetId())
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case d.taken[req.GetId()]:
		return nil, refusal("LIST_NOT_AVAILABLE")
	case d.has != "":
		return nil, refusal("BOT_BUSY")
	}
	d.has = req.GetId()
	return &depotv1.AssignShoppingListResponse{}, d.answer("assign ")
}

func (d *fakeDepot) CompleteShoppingList(ctx context.Context, req *depotv1.CompleteShoppingListRequest, _ ...grpc.CallOption) (*depotv1.CompleteShoppingListResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.called("complete ", req.GetId())
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case d.has != req.GetId():
		return nil, refusal("LIST_NOT_ASSIGNED")
	}
	d.has = ""
	return &depotv1.CompleteShoppingListResponse{}, d.answer("complete ")
}

func (d *fakeDepot) WatchShoppingLists(ctx context.Context, _ *depotv1.WatchShoppingListsRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[depotv1.WatchShoppingListsResponse], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.called("watch", ""); err != nil {
		return nil, err
	}
	s := &fakeStream{depot: d, ctx: ctx}
	d.watching[s] = nil
	context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.watching, s)
	})
	return s, nil
}

type fakeStream struct {
	grpc.ServerStreamingClient[depotv1.WatchShoppingListsResponse]
	depot *fakeDepot
	ctx   context.Context
}

func (s *fakeStream) Recv() (*depotv1.WatchShoppingListsResponse, error) {
	select {
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	case err := <-s.depot.breaks:
		return nil, err
	case list, open := <-s.depot.offers:
		if !open {
			return nil, io.EOF
		}
		return &depotv1.WatchShoppingListsResponse{ShoppingList: &depotv1.ShoppingList{Id: list}}, nil
	}
}

// saw gives the calls so far.
func (d *fakeDepot) saw() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}

// change lets a test change what depot has.
func (d *fakeDepot) change(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

// streams is how many are open.
func (d *fakeDepot) streams() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.watching)
}

// work is how long the bots of the tests take for a list.
const work = 250 * time.Millisecond

// start runs a bot until stop, which gives how long it took to stop.
func start(t *testing.T, d *fakeDepot, work time.Duration) (stop func() time.Duration) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- fleet.NewBot("robby", work, d, slog.New(slog.DiscardHandler)).Run(ctx) }()
	return func() time.Duration {
		told := time.Now()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the bot ended with %v", err)
		}
		return time.Since(told)
	}
}
