package message_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// A service that keeps the names of stores. Each message counts once, however often it is delivered.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, "sqlite::memory:example", log)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close() // the example is over
	if err := db.Migrate(ctx, message.Schema, effects); err != nil {
		fmt.Println(err)
		return
	}
	streams := gochannel.NewGoChannel(gochannel.Config{Persistent: true}, watermill.NopLogger{})

	consumer := message.NewConsumer(message.ConsumerConfig{
		Service: "directory", DB: db, Publisher: rowPublisher{}, Subscriber: streams, Clock: clock.System{}, Logger: log,
	})
	named := make(chan string, 1)
	consumer.Handle("stores.events", message.OnEvent(
		func(_ context.Context, tx *store.Tx, meta message.Meta, name *wrapperspb.StringValue) error {
			tx.Queue(`INSERT INTO effects (name) VALUES ($1)`, name.Value)
			tx.OnCommit(func() { named <- fmt.Sprintf("store %s is called %s", meta.Subject, name.Value) })
			return nil
		}))
	ended := make(chan error)
	go func() { ended <- consumer.Run(ctx) }()

	event := message.Event("stores.events", "store-1", wrapperspb.String("Waldorf Books"))
	event.Meta = event.Meta.Complete(ctx, watermill.NewUUID, "stores", clock.System{}.Now())
	m, err := message.Encode(event)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 { // the wire delivers at least once
		if err := streams.Publish("stores.events", m.Copy()); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(<-named)
	stop()
	fmt.Println(<-ended, len(named))
	// Output:
	// store store-1 is called Waldorf Books
	// <nil> 0
}
