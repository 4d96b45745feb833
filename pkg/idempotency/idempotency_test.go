package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

var things = store.Schema{Name: "things", Migrations: fstest.MapFS{"00001_things.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE things (name TEXT PRIMARY KEY, again BIGINT NOT NULL DEFAULT 0);
`)}}}

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func eachDB(t *testing.T, test func(t *testing.T, db *store.DB)) {
	storetest.Each(t, []store.Schema{things, idempotency.Schema}, test)
}

func register(db *store.DB, do method) (calls, *idempotency.Registrar) {
	c := calls{}
	r := idempotency.NewRegistrar(c, db, clock.NewManual(now))
	r.RegisterService(desc(do), nil)
	return c, r
}

// putThing makes a thing, each under a name of its own, in a unit of work of its own.
func putThing(db *store.DB) method {
	var made atomic.Int64
	return func(ctx context.Context, name string) (proto.Message, error) {
		full := fmt.Sprintf("%s %d", name, made.Add(1))
		err := db.Do(ctx, func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO things (name) VALUES ($1)`, full)
			return nil
		})
		return newThing(full), err
	}
}

func count(t *testing.T, db *store.DB, table string) (n int) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n)
	}))
	return n
}

func TestTheSameRequestHasTheFirstAnswerAndOneEffect(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		c, _ := register(db, putThing(db))
		req := newPut("mug", id.UUIDv7())
		for range 3 {
			name, err := c.call(t.Context(), t, "PutThing", req, nil)
			require.NoError(t, err)
			require.Equal(t, "mug 1", name)
		}
		require.Equal(t, 1, count(t, db, "things"))
	})
}

func TestAnIDInCapitalsIsNoOtherID(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		c, _ := register(db, putThing(db))
		requestID := id.UUIDv7()
		_, err := c.call(t.Context(), t, "PutThing", newPut("mug", requestID), nil)
		require.NoError(t, err)
		_, err = c.call(t.Context(), t, "PutThing", newPut("cup", strings.ToUpper(requestID)), nil)
		requireReused(t, err)
	})
}

func requireReused(t *testing.T, err error) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, refusal.Kind)
	require.Equal(t, "REQUEST_ID_REUSED", refusal.Reason)
	require.Equal(t, "request_id", refusal.Fields[0].Name)
}

func TestAnIDThatCameWithAnotherRequestIsRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		c, _ := register(db, putThing(db))
		requestID := id.UUIDv7()
		_, err := c.call(t.Context(), t, "PutThing", newPut("mug", requestID), nil)
		require.NoError(t, err)
		_, err = c.call(t.Context(), t, "PutThing", newPut("cup", requestID), nil)
		requireReused(t, err)
		_, err = c.call(t.Context(), t, "DropThing", newPut("mug", requestID), nil)
		requireReused(t, err)
		require.Equal(t, 1, count(t, db, "things"))
	})
}

func TestARequestWithoutAnIDIsUntouched(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		c, _ := register(db, putThing(db))
		for _, test := range []struct {
			method string
			req    proto.Message
		}{
			{"PutThing", newPut("mug", "")}, {"PutThing", newPut("mug", "")}, {"GetThing", newThing("mug")},
			{"NotInTheContract", newPut("mug", id.UUIDv7())}, // what no descriptor tells of is left alone
		} {
			_, err := c.call(t.Context(), t, test.method, test.req, nil)
			require.NoError(t, err)
		}
		require.Equal(t, 4, count(t, db, "things"))
		require.Zero(t, count(t, db, "requests"))
	})
}

func TestTheGuardIsWithinTheInterceptorsOfTheServer(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		c, _ := register(db, putThing(db))
		invalid := fault.BadField("name", "is short")
		var passed []string
		outer := func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			passed = append(passed, info.FullMethod)
			if get(req.(proto.Message), "name") == "m" {
				return nil, invalid
			}
			return handler(ctx, req)
		}
		requestID := id.UUIDv7()
		_, err := c.call(t.Context(), t, "PutThing", newPut("mug", requestID), outer)
		require.NoError(t, err)
		_, err = c.call(t.Context(), t, "PutThing", newPut("m", requestID), outer)
		require.ErrorIs(t, err, invalid, "rules of fields are checked before the id is looked up")
		name, err := c.call(t.Context(), t, "PutThing", newPut("mug", requestID), outer)
		require.NoError(t, err)
		require.Equal(t, "mug 1", name)
		require.Equal(t, []string{"/" + service + "/PutThing", "/" + service + "/PutThing", "/" + service + "/PutThing"}, passed)
	})
}

func TestARefusedRequestLeavesNothingAndMayBeTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		refusal := fault.Refuse("NO_ROOM", "no room")
		full, makeThing := true, putThing(db)
		c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
			made, err := makeThing(ctx, name)
			if full {
				return nil, refusal
			}
			return made, err
		})
		req := newPut("mug", id.UUIDv7())
		_, err := c.call(t.Context(), t, "PutThing", req, nil)
		require.ErrorIs(t, err, refusal)
		require.Zero(t, count(t, db, "things"), "not even what the handler had stored before it failed")
		require.Zero(t, count(t, db, "requests"))
		full = false
		name, err := c.call(t.Context(), t, "PutThing", req, nil)
		require.NoError(t, err)
		require.Equal(t, "mug 2", name)
	})
}

func TestAPanicStoresNothingAndGoesOn(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		makeThing := putThing(db)
		c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
			_, _ = makeThing(ctx, name)
			panic("boom")
		})
		require.PanicsWithValue(t, "boom", func() { _, _ = c.call(t.Context(), t, "PutThing", newPut("mug", id.UUIDv7()), nil) })
		require.Zero(t, count(t, db, "things"))
		require.Zero(t, count(t, db, "requests"))
	})
}

func TestAnAnswerThatCannotBeStoredIsNoEffect(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		makeThing := putThing(db)
		c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
			_, err := makeThing(ctx, name)
			return nil, err
		})
		_, err := c.call(t.Context(), t, "PutThing", newPut("mug", id.UUIDv7()), nil)
		require.ErrorContains(t, err, "idempotency: answer of")
		require.Zero(t, count(t, db, "things"))
	})
}

// both is two handlers of the same request that both have looked it up in vain before either has an effect.
func both(t *testing.T, db *store.DB, do method) (first, second string) {
	t.Helper()
	var met sync.WaitGroup
	met.Add(2)
	var arrived atomic.Int64
	c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
		if arrived.Add(1) <= 2 {
			met.Done()
			met.Wait()
		}
		return do(ctx, name)
	})
	req := newPut("mug", id.UUIDv7())
	var answers [2]string
	var errs [2]error
	var calling sync.WaitGroup
	for i := range answers {
		calling.Go(func() { answers[i], errs[i] = c.call(t.Context(), t, "PutThing", req, nil) })
	}
	calling.Wait()
	require.NoError(t, errors.Join(errs[:]...))
	return answers[0], answers[1]
}

func TestOfTwoAtOnceOneHasAnEffectAndBothHaveItsAnswer(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		first, second := both(t, db, putThing(db))
		require.Equal(t, first, second)
		require.Equal(t, 1, count(t, db, "things"))
		require.Equal(t, 1, count(t, db, "requests"))
	})
}

func TestWhoIsRefusedBecauseOfItsOwnTwinHasTheTwinsAnswer(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		// A rule that says no the second time, as "already enabled" does.
		first, second := both(t, db, func(ctx context.Context, name string) (proto.Message, error) {
			return newThing(name), db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
				n, err := tx.Exec(ctx, `INSERT INTO things (name) VALUES ($1) ON CONFLICT (name) DO NOTHING`, name)
				if err == nil && n == 0 {
					return fault.Refuse("ALREADY_THERE", "it is there already")
				}
				return err
			})
		})
		require.Equal(t, "mug", first)
		require.Equal(t, first, second)
	})
}

func TestAConflictRunsTheHandlerAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		attempts, makeThing := 0, putThing(db)
		c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
			made, err := makeThing(ctx, name)
			if attempts++; attempts == 1 {
				return nil, store.ErrConflict
			}
			return made, err
		})
		name, err := c.call(t.Context(), t, "PutThing", newPut("mug", id.UUIDv7()), nil)
		require.NoError(t, err)
		require.Equal(t, "mug 2", name)
		require.Equal(t, 1, count(t, db, "things"))
	})
}

func TestACommitOfWhichTheNewsWasLostIsFound(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		req := newPut("mug", id.UUIDv7())
		c, _ := register(db, putThing(db))
		lost := errors.New("connection lost")
		twin := func(ctx context.Context, _ string) (proto.Message, error) {
			_, err := c.call(t.Context(), t, "PutThing", req, nil) // what was committed, by another unit here
			return nil, errors.Join(lost, err)
		}
		broken, _ := register(db, twin)
		name, err := broken.call(t.Context(), t, "PutThing", req, nil)
		require.NoError(t, err)
		require.Equal(t, "mug 1", name)
	})
}

func TestServicesOfOneServerKeepTheirAnswersApart(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		other := storetest.Open(t, things, idempotency.Schema)
		requestID := id.UUIDv7()
		for _, db := range []*store.DB{db, other} {
			c, _ := register(db, putThing(db))
			_, err := c.call(t.Context(), t, "PutThing", newPut("mug", requestID), nil)
			require.NoError(t, err)
			require.Equal(t, 1, count(t, db, "things"))
		}
	})
}

func TestNoConnectionIsHeldWhileAHandlerAsksOthers(t *testing.T) {
	db := storetest.Open(t, things, idempotency.Schema) // SQLite, which has one
	makeThing := putThing(db)
	c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) {
		meanwhile, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, db.Read(meanwhile, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM things`).Scan(new(int))
		}), "somebody else's call is answered meanwhile")
		return makeThing(ctx, name)
	})
	_, err := c.call(t.Context(), t, "PutThing", newPut("mug", id.UUIDv7()), nil)
	require.NoError(t, err)
}

func TestAHandlerMadeOfUnitsApartIsAnsweredOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		makeThing := putThing(db)
		c, _ := register(db, func(ctx context.Context, name string) (proto.Message, error) { return makeThing(db.Apart(ctx), name) })
		req := newPut("mug", id.UUIDv7())
		for range 2 {
			name, err := c.call(t.Context(), t, "PutThing", req, nil)
			require.NoError(t, err)
			require.Equal(t, "mug 1", name)
		}
		require.Equal(t, 1, count(t, db, "things"))
	})
}
