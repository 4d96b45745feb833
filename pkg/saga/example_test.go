package saga_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

// printer is a Publisher that shows what is sent. A service has pkg/outbox here.
type printer struct{ last message.Meta }

func (p *printer) Publish(_ context.Context, tx *store.Tx, outgoing ...message.Outgoing) {
	for _, out := range outgoing {
		tx.OnCommit(func() {
			p.last = out.Meta
			fmt.Printf("%s <- %s\n", out.Topic, out.Body.(*wrapperspb.StringValue).Value)
		})
	}
}

// A trip is a room and a flight. The flight can't be given back, so it is the pivot.
func Example() {
	type trip struct{ City, Room string }

	definition := saga.Definition[trip]{
		Name: "BookTrip",
		Steps: []saga.Step[trip]{
			{
				Name:   "room",
				Action: func(d trip) *saga.Command { return command("hotels", "ReserveRoom in", d.City) },
				Compensation: func(d trip, f saga.Failure) *saga.Command {
					return command("hotels", "ReleaseRoom in", d.City, "because", f.Reason)
				},
				OnSuccess: saga.Take(func(d *trip, room *wrapperspb.StringValue) { d.Room = room.Value }),
				Deadline:  5 * time.Second, Attempts: 3,
			},
			{
				Name:     "flight",
				Action:   func(d trip) *saga.Command { return command("airline", "BuyTicket to", d.City) },
				Deadline: 5 * time.Second, Attempts: saga.UntilAnswered,
			},
		},
		Done: func(_ context.Context, _ *store.Tx, d trip, outcome saga.Outcome) error {
			fmt.Println(outcome.SagaID, outcome.State, d.Room)
			return nil
		},
	}

	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite::memory:example", slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	defer db.Close() // an example
	if err := db.Migrate(ctx, saga.Schema); err != nil {
		panic(err)
	}
	bus := &printer{}
	trips, err := saga.New(saga.Config{Publisher: bus, DB: db, ReplyTopic: "travel.replies"}, definition)
	if err != nil {
		panic(err)
	}

	// A service starts it where it handles what sets it off, and registers saga.Replies(trips) for its reply stream; trips.RunTimers runs
	// beside it. Here the participants' replies are made by hand.
	units := []func(ctx context.Context, tx *store.Tx) error{
		func(ctx context.Context, tx *store.Tx) error {
			return trips.Start(ctx, tx, "trip-1", trip{City: "Oslo"})
		},
		func(ctx context.Context, tx *store.Tx) error {
			return trips.OnReply(ctx, tx, bus.last, succeeded(wrapperspb.String("room 7")))
		},
		func(ctx context.Context, tx *store.Tx) error {
			return trips.OnReply(ctx, tx, bus.last, refused("SOLD_OUT"))
		},
		func(ctx context.Context, tx *store.Tx) error { return trips.OnReply(ctx, tx, bus.last, succeeded(nil)) },
	}
	for _, unit := range units {
		if err := db.Do(ctx, unit); err != nil {
			panic(err)
		}
	}

	// Output:
	// hotels <- ReserveRoom in Oslo
	// airline <- BuyTicket to Oslo
	// hotels <- ReleaseRoom in Oslo because SOLD_OUT
	// trip-1 compensated room 7
}
