package people_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/internal/people/peopletest"
	"mallbots.example/services/internal/topics"
)

// world is a service that keeps a copy, with customers as its peer.
type world struct {
	*servicetest.Harness
	t         *testing.T
	customers *peopletest.Customers
	people    *people.People
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	customers := peopletest.Start(t)
	var p *people.People
	keeper := service.Service{
		Name: "keeper", Schemas: []store.Schema{people.Schema},
		Build: func(rt *service.Runtime) error {
			p = people.New(customersv1.NewCustomersServiceClient(customers.Conn))
			rt.Consume(topics.CustomersEvents, p.Handlers()...)
			return nil
		},
	}
	servicetest.Each(t, keeper, nil, func(t *testing.T, h *servicetest.Harness) {
		customers.Reset()
		test(t, world{Harness: h, t: t, customers: customers, people: p})
	})
}

// unit is how a unit of work is run: store.DB.Do or store.DB.Read.
type unit func(ctx context.Context, work func(ctx context.Context, tx *store.Tx) error) error

func (w world) find(run unit, id string) (person people.Person, known bool, err error) {
	err = run(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		person, known, err = w.people.Find(ctx, tx, id)
		return err
	})
	return person, known, err
}

// tell delivers events in this order.
func (w world) tell(events ...proto.Message) {
	w.t.Helper()
	for _, event := range events {
		w.Event(topics.CustomersEvents, "any", event)
	}
}

// has requires that the copy has exactly this person, without asking for them.
func (w world) has(want people.Person) {
	w.t.Helper()
	before := len(w.customers.Asked())
	got, known, err := w.find(w.DB.Read, want.ID)
	require.NoError(w.t, err)
	require.True(w.t, known)
	require.Equal(w.t, want, got)
	require.Len(w.t, w.customers.Asked(), before, "it was asked for")
}

// ada is a customer as of a version, in both forms: the number ends with the version.
func ada(version int64) (*customersv1.Customer, people.Person) {
	number := "+4915112340" + string(rune('0'+version))
	return &customersv1.Customer{Id: "ada", Name: "Ada", SmsNumber: number, Enabled: true, Version: version},
		people.Person{ID: "ada", Name: "Ada", SmsNumber: number, Version: version}
}

func TestEveryEventOfACustomerIsKept(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		for i, event := range []func(*customersv1.Customer) proto.Message{
			func(c *customersv1.Customer) proto.Message { return &customersv1.CustomerRegistered{Customer: c} },
			func(c *customersv1.Customer) proto.Message { return &customersv1.CustomerSmsNumberChanged{Customer: c} },
			func(c *customersv1.Customer) proto.Message { return &customersv1.CustomerDisabled{Customer: c} },
			func(c *customersv1.Customer) proto.Message { return &customersv1.CustomerEnabled{Customer: c} },
		} {
			told, want := ada(int64(i + 1))
			w.tell(event(told))
			w.has(want)
		}
	})
}

func TestEventsInAnyOrderAndNumberLeaveTheNewest(t *testing.T) {
	for name, order := range map[string][]int64{
		"in order":         {1, 2, 3},
		"backwards":        {3, 2, 1},
		"the newest first": {3, 1, 2},
		"some missing":     {3},
		"several copies":   {1, 1, 3, 2, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(_ *testing.T, w world) {
				for _, version := range order {
					told, _ := ada(version)
					w.tell(&customersv1.CustomerSmsNumberChanged{Customer: told})
				}
				_, want := ada(3)
				w.has(want)
			})
		})
	}
}

func TestWhoIsNotHereIsAskedOfCustomersAndKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		customer, want := ada(3)
		w.customers.Know(customer)
		for range 2 {
			person, known, err := w.find(w.DB.Do, "ada")
			require.NoError(t, err)
			require.True(t, known)
			require.Equal(t, want, person)
		}
		require.Equal(t, []string{"ada"}, w.customers.Asked())
		late, _ := ada(2)
		w.tell(&customersv1.CustomerSmsNumberChanged{Customer: late})
		w.has(want)
	})
}

func (w world) ensure(id string, outcome error) error {
	return w.DB.Do(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := w.people.Ensure(ctx, tx, id); err != nil {
			return err
		}
		return outcome
	})
}

func TestTheCopyIsCompletedWithWhoIsNeeded(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		customer, want := ada(1)
		w.customers.Know(customer)
		require.Error(t, w.ensure("ada", errors.New("rolled back")))
		require.NoError(t, w.ensure("ada", nil), "who was not kept is not remembered")
		require.NoError(t, w.ensure("ada", nil))
		require.Equal(t, []string{"ada", "ada"}, w.customers.Asked())
		w.has(want)
		for range 2 {
			require.NoError(t, w.ensure("stranger", nil))
		}
		require.Equal(t, []string{"ada", "ada", "stranger", "stranger"}, w.customers.Asked(), "a stranger is not remembered")
		w.customers.Fail(status.Error(codes.Unavailable, "away"))
		require.NoError(t, w.ensure("ada", nil))
		require.Error(t, w.ensure("bob", nil))
	})
}

func TestWithinReadWhoWasAskedForIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		customer, want := ada(1)
		w.customers.Know(customer)
		for range 2 {
			person, known, err := w.find(w.DB.Read, "ada")
			require.NoError(t, err)
			require.True(t, known)
			require.Equal(t, want, person)
		}
		require.Equal(t, []string{"ada", "ada"}, w.customers.Asked())
	})
}

func TestWhomCustomersDoesNotKnowIsNobody(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, known, err := w.find(w.DB.Do, "stranger")
		require.NoError(t, err)
		require.False(t, known)
		w.customers.Fail(rpc.ToStatus(fault.BadField("id", "must be a UUID")).Err())
		_, known, err = w.find(w.DB.Do, "x")
		require.NoError(t, err)
		require.False(t, known)
		_, known, err = w.find(w.DB.Do, "")
		require.NoError(t, err)
		require.False(t, known)
		require.Equal(t, []string{"stranger", "x"}, w.customers.Asked(), "nobody is not asked for")
	})
}

func TestCustomersBeingAwayIsNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.customers.Fail(status.Error(codes.Unavailable, "away"))
		_, known, err := w.find(w.DB.Do, "ada")
		require.False(t, known)
		_, isFault := fault.As(err)
		require.False(t, isFault, "%v", err)
		require.Equal(t, codes.Unavailable, rpc.ToStatus(err).Code(), "who asks tries again")
	})
}

func TestAnAnswerThatIsNoCustomerIsNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.customers.Know(&customersv1.Customer{Id: "ada"})
		_, known, err := w.find(w.DB.Do, "ada")
		require.Error(t, err)
		require.False(t, known)
	})
}

func TestWhatIsNoCustomerIsNotKept(t *testing.T) {
	noVersion, _ := ada(1)
	noVersion.Version = 0
	noID, _ := ada(1)
	noID.Id = ""
	for name, event := range map[string]proto.Message{
		"without a version": &customersv1.CustomerRegistered{Customer: noVersion},
		"without an id":     &customersv1.CustomerRegistered{Customer: noID},
		"nothing":           &customersv1.CustomerRegistered{},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				w.tell(event)
				for _, id := range []string{"ada", ""} {
					_, known, err := w.find(w.DB.Read, id)
					require.NoError(t, err)
					require.False(t, known)
				}
			})
		})
	}
}

func TestFoldedNamesAreTheSameInSmallAndCapitalLetters(t *testing.T) {
	for _, same := range [][]string{
		{"Ada", "ADA", "ada"},
		{"Jürgen", "JÜRGEN"},
		{"Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"},
		{"Жанна", "ЖАННА"},
	} {
		for _, name := range same[1:] {
			require.Equal(t, people.Fold(same[0]), people.Fold(name))
		}
	}
	require.Equal(t, "a b", people.Fold("A\nB"))
	require.Equal(t, "a b", people.Fold("a\x00b"))
	require.NotEqual(t, people.Fold("Ada"), people.Fold("Adam"))
}
