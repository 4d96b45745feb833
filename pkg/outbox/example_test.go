package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/outbox"
	"mallbots.example/pkg/store"
)

// A use case changes an aggregate and says so in one unit of work. The message goes out after the commit, and only then.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := miniredis.Run()
	check(err)
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	db, err := store.Open(ctx, "sqlite::memory:example", slog.New(slog.DiscardHandler))
	check(err)
	defer db.Close()
	check(db.Migrate(ctx, outbox.Schema))

	box, err := outbox.New(outbox.Config{DB: db, Redis: client, Source: "ordering"})
	check(err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- box.Run(running) }()

	const topic = "mallbots.ordering.events"
	place := func(order string, valid bool) error {
		return db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			box.Publish(ctx, tx, message.Event(topic, order, wrapperspb.String(order+" was placed")))
			if !valid {
				return fmt.Errorf("%s is not valid", order)
			}
			return nil
		})
	}
	fmt.Println(place("order 1", true))
	fmt.Println(place("order 2", false))
	fmt.Println(place("order 3", true))

	last := "0"
	for range 2 { // a consumer (see message.Consumer) would read these
		streams, err := client.XRead(ctx, &redis.XReadArgs{Streams: []string{topic, last}, Count: 1}).Result()
		check(err)
		entry := streams[0].Messages[0]
		last = entry.ID
		var body wrapperspb.StringValue
		check(proto.Unmarshal([]byte(entry.Values["payload"].(string)), &body))
		fmt.Println(body.Value)
	}
	stop() // it sends and records what was handed over, and returns
	check(<-done)
	unsent, _, err := box.Backlog(ctx)
	check(err)
	fmt.Println(unsent, "unsent")
	// Unordered output:
	// <nil>
	// order 2 is not valid
	// <nil>
	// order 1 was placed
	// order 3 was placed
	// 0 unsent
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
