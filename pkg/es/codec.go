package es

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Upcaster turns the stored form of an event into the form of the next schema version.
type Upcaster func(data json.RawMessage) (json.RawMessage, error)

// Codec knows the events of a kind of aggregate: what type a stored name stands for, and how older forms become the present one.
// It is complete before it is used, and then safe for concurrent use.
type Codec struct {
	types map[string]*eventType
}

type eventType struct {
	of        reflect.Type
	upcasters []Upcaster // the one at index n-1 turns schema version n into n+1
}

func (t *eventType) schema() int { return len(t.upcasters) + 1 }

// NewCodec knows the events of these types, each with schema version 1: NewCodec(OrderCreated{}, OrderApproved{}). A blank name, a
// name given twice and a pointer are mistakes of the program, and panic.
func NewCodec(prototypes ...Event) *Codec {
	c := &Codec{types: make(map[string]*eventType, len(prototypes))}
	for _, prototype := range prototypes {
		name, of := prototype.EventName(), reflect.TypeOf(prototype)
		switch {
		case name == "":
			panic(fmt.Sprintf("es: event %s has no name", of))
		case of.Kind() == reflect.Pointer:
			panic(fmt.Sprintf("es: event %s: register the struct, not a pointer: Apply switches on what Decode makes", name))
		case c.types[name] != nil:
			panic(fmt.Sprintf("es: event %s: both %s and %s have this name", name, c.types[name].of, of))
		}
		c.types[name] = &eventType{of: of}
	}
	return c
}

// Names are those of all events that the codec knows, sorted.
func (c *Codec) Names() []string { return slices.Sorted(maps.Keys(c.types)) }

// Upcast teaches the codec to read schema version from of an event, as from+1; from then on the event is stored with version from+1
// at least. The program before can't read that: while both run, or after a rollout that is undone. A new field that may be missing, and
// then means its zero value, needs no upcaster and spares that.
//
// Versions begin with 1 and none is left out; anything else panics. It returns c, to be chained.
func (c *Codec) Upcast(name string, from int, upcast Upcaster) *Codec {
	t := c.types[name]
	if t == nil {
		panic(fmt.Sprintf("es: upcast of event %s, which is not registered", name))
	}
	if from != t.schema() {
		panic(fmt.Sprintf("es: upcast of event %s from schema version %d: the next is %d", name, from, t.schema()))
	}
	t.upcasters = append(t.upcasters, upcast)
	return c
}

// Encode gives the stored form of an event and its schema version.
func (c *Codec) Encode(event Event) (data json.RawMessage, schema int, err error) {
	name := event.EventName()
	t := c.types[name]
	if t == nil {
		return nil, 0, fmt.Errorf("event %q is not registered", name)
	}
	// Stored all the same, it would come back as the registered type, and Apply might not know it.
	if of := reflect.TypeOf(event); of != t.of {
		return nil, 0, fmt.Errorf("event %q is a %s, registered as %s", name, of, t.of)
	}
	data, err = json.Marshal(event)
	if err != nil {
		return nil, 0, fmt.Errorf("event %q: %w", name, err)
	}
	return data, t.schema(), nil
}

// Decode reads the stored form of an event, of its present or an earlier schema version. Fields that the type does not have are
// ignored: a program of the next version may have written them. An error of its upcaster or its UnmarshalJSON is kept as text only: were
// it a fault (a value object that checks itself), broken storage would be answered as the caller's mistake.
func (c *Codec) Decode(name string, schema int, data json.RawMessage) (Event, error) {
	t := c.types[name]
	if t == nil {
		return nil, fmt.Errorf("event %q is not registered", name)
	}
	if schema < 1 || schema > t.schema() {
		return nil, fmt.Errorf("event %q has schema version %d; this program knows 1 to %d", name, schema, t.schema())
	}
	for ; schema < t.schema(); schema++ {
		var err error
		if data, err = t.upcasters[schema-1](data); err != nil {
			return nil, fmt.Errorf("event %q: upcast from schema version %d: %v", name, schema, err) //nolint:errorlint // see above
		}
	}
	into := reflect.New(t.of) // json fills only what a pointer points to; the caller gets the value
	if err := json.Unmarshal(data, into.Interface()); err != nil {
		return nil, fmt.Errorf("event %q: %v", name, err) //nolint:errorlint // see above
	}
	return into.Elem().Interface().(Event), nil
}
