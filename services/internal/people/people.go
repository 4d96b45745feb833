// Package people is a service's own copy of the mall's customers: what to call them and where to reach them. The events of customers keep
// it up to date; who they have not brought yet is asked of customers. It is a moment behind at most: whether somebody may buy is for
// customers to say.
//
// A service may join its own rows with the table people (id, version, name, folded_name, sms_number), which only this package writes.
package people

import (
	"context"
	"embed"
	"errors"
	"fmt"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the table of the copy.
var Schema = store.NewSchema("people", migrations)

// Person is what a service needs to know of a customer.
type Person struct {
	ID, Name  string
	SmsNumber string // E.164
	Version   int64
}

// People reads the copy, and keeps it.
type People struct {
	customers customersv1.CustomersServiceClient
	here      ids // of whom it is known that they are in the copy, which nobody ever leaves
}

// New makes a copy that asks customers for who is not in it.
func New(customers customersv1.CustomersServiceClient) *People { return &People{customers: customers} }

// Find gives the customer with this id, and whether there is one. Who is not here is asked of customers, since their event may be on its
// way, and kept if tx can write. Somebody whom customers does not know either is nobody, and never will be somebody: ids are made by
// customers, and handed out after they are stored.
func (p *People) Find(ctx context.Context, tx *store.Tx, id string) (person Person, known bool, err error) {
	if id == "" {
		return Person{}, false, nil
	}
	err = tx.QueryRow(ctx, `SELECT id, version, name, sms_number FROM people WHERE id = $1`, id).
		Scan(&person.ID, &person.Version, &person.Name, &person.SmsNumber)
	if !errors.Is(err, store.ErrNoRows) {
		return person, err == nil, err
	}
	person, known, err = p.ask(ctx, id)
	if err == nil && known && tx.Writable() {
		keep(tx, person)
	}
	return person, known, err
}

// Ensure completes the copy with the customer of this id, if there is one, for who joins with it. It is Find without a query for whom this
// process has met before.
func (p *People) Ensure(ctx context.Context, tx *store.Tx, id string) error {
	if p.here.has(id) {
		return nil
	}
	_, known, err := p.Find(ctx, tx, id)
	if known && tx.Writable() {
		tx.OnCommit(func() { p.here.add(id) })
	}
	return err
}

func (p *People) ask(ctx context.Context, id string) (person Person, known bool, err error) {
	resp, err := p.customers.GetCustomer(ctx, &customersv1.GetCustomerRequest{Id: id})
	if err != nil {
		// Not found, or nothing that could be an id. Every other error is no answer, and stays what it is.
		if refusal, ok := fault.As(rpc.FromStatus(err)); ok && (refusal.Kind == fault.NotFound || refusal.Kind == fault.Invalid) {
			return Person{}, false, nil
		}
		return Person{}, false, fmt.Errorf("asking customers: %w", err)
	}
	person, err = personOf(resp.GetCustomer())
	return person, err == nil, err
}

// personOf reads a customer of the API. One without an id or a version is no customer: kept, it would stand for all that lack them.
func personOf(c *customersv1.Customer) (Person, error) {
	if c.GetId() == "" || c.GetVersion() < 1 {
		return Person{}, errors.New("a customer without id or version")
	}
	return Person{ID: c.GetId(), Name: c.GetName(), SmsNumber: c.GetSmsNumber(), Version: c.GetVersion()}, nil
}

// keep stores a customer unless this version of them, or a newer one, is here already.
func keep(tx *store.Tx, p Person) {
	tx.Queue(`
INSERT INTO people (id, version, name, folded_name, sms_number) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, folded_name = excluded.folded_name,
    sms_number = excluded.sms_number
 WHERE people.version < excluded.version`,
		p.ID, p.Version, p.Name, Fold(p.Name), p.SmsNumber)
}
