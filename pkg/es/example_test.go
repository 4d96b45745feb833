package es_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

// DoorBuilt is the first event of every door.
type DoorBuilt struct {
	Material string `json:"material"`
}

// EventName implements es.Event.
func (DoorBuilt) EventName() string { return "door.built" }

// DoorOpened says that a closed door is open now.
type DoorOpened struct{}

// EventName implements es.Event.
func (DoorOpened) EventName() string { return "door.opened" }

// Door is an aggregate: its state changes in Apply only.
type Door struct {
	es.Root
	material string
	open     bool
}

// NewDoor builds a closed door.
func NewDoor(id, material string, now time.Time) (*Door, error) {
	if material == "" {
		return nil, fault.BadField("material", "must not be blank")
	}
	d := &Door{Root: es.NewRoot(id)}
	es.Raise(d, DoorBuilt{Material: material}, now)
	return d, nil
}

// Open opens the door. An open door can't be opened.
func (d *Door) Open(now time.Time) error {
	if d.open {
		return fault.Refuse("DOOR_IS_OPEN", "the door is open already")
	}
	es.Raise(d, DoorOpened{}, now)
	return nil
}

// Apply implements es.Aggregate.
func (d *Door) Apply(event es.Event) {
	switch e := event.(type) {
	case DoorBuilt:
		d.material = e.Material
	case DoorOpened:
		d.open = true
	}
}

type doorState struct {
	Material string `json:"material"`
	Open     bool   `json:"open"`
}

// Snapshot, Restore and SnapshotSchema implement es.Snapshotter. A door would do without.
func (d *Door) Snapshot() any { return doorState{Material: d.material, Open: d.open} }

// Restore implements es.Snapshotter.
func (d *Door) Restore(decode func(into any) error) error {
	var state doorState
	if err := decode(&state); err != nil {
		return err
	}
	d.material, d.open = state.Material, state.Open
	return nil
}

// SnapshotSchema implements es.Snapshotter.
func (*Door) SnapshotSchema() int { return 1 }

func Example() {
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite::memory:doors", slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	defer db.Close() // the example is over
	if err := db.Migrate(ctx, es.Schema); err != nil {
		panic(err)
	}
	doors := es.NewRepository("door", func() *Door { return &Door{} }, es.NewCodec(DoorBuilt{}, DoorOpened{}))
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	err = db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		door, err := NewDoor("d1", "oak", now)
		if err != nil {
			return err
		}
		return doors.Save(ctx, tx, door)
	})
	fmt.Println("built:", err)

	openDoor := func(ctx context.Context, tx *store.Tx) error {
		door, err := doors.Load(ctx, tx, "d1")
		if err != nil {
			return err
		}
		if err := door.Open(now.Add(time.Minute)); err != nil {
			return err
		}
		for _, change := range door.Changes() {
			fmt.Printf("%d %s: to be told to others\n", change.Version, change.Event.EventName())
		}
		return doors.Save(ctx, tx, door)
	}
	fmt.Println("opened:", db.Do(ctx, openDoor))
	fmt.Println("opened again:", db.Do(ctx, openDoor))

	err = db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := doors.Load(ctx, tx, "d2")
		return err
	})
	fmt.Println(errors.Is(err, es.ErrNotFound), err)
	// Output:
	// built: <nil>
	// 2 door.opened: to be told to others
	// opened: <nil>
	// opened again: the door is open already
	// true there is no door d2
}
