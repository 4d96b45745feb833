package provision

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	watermill "github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/outbox"
	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/provision/internal/redisacl"
)

// clients are a service's and the administrator's, on a Redis with the ACL file of the mall.
type clients struct {
	need           need
	service, admin *redis.Client
}

// eachService runs a test for each service that has streams.
func eachService(t *testing.T, test func(t *testing.T, c clients)) {
	t.Helper()
	server := newRedis(t)
	needs, err := needsOfTheMall()
	require.NoError(t, err)
	var users []redisacl.User
	for _, n := range needs {
		users = append(users, redisacl.User{
			Name: n.Service, Hashes: []string{redisacl.Hash("pw of " + n.Service)}, Sends: n.Sends, Receives: n.Receives,
		})
	}
	server.start(t, string(redisacl.File("admin", redisacl.Hash("pw"), users)))
	admin := connect(t, "redis://admin:pw@"+server.addr()+"/0")
	require.Eventually(t, func() bool { return admin.Ping(t.Context()).Err() == nil }, deadline, tick)
	for _, n := range needs {
		t.Run(n.Service, func(t *testing.T) {
			require.NoError(t, admin.FlushAll(t.Context()).Err())
			require.NoError(t, admin.ACLLogReset(t.Context()).Err())
			test(t, clients{need: n, service: connect(t, "redis://"+n.Service+":pw%20of%20"+n.Service+"@"+server.addr()+"/0"), admin: admin})
		})
	}
}

// refused are the commands that Redis has refused since the log was reset.
func (c clients) refused(t *testing.T) (refused []string) {
	t.Helper()
	entries, err := c.admin.ACLLog(t.Context(), 100).Result()
	require.NoError(t, err)
	for _, entry := range entries {
		refused = append(refused, entry.Reason+" "+entry.Object)
	}
	return refused
}

func TestAServiceReceivesWithItsRights(t *testing.T) {
	eachService(t, func(t *testing.T, c clients) {
		for _, topic := range c.need.Receives {
			add := func() { require.NoError(t, c.admin.XAdd(t.Context(), entryOf(topic)).Err()) }
			subscriber := c.subscriber(t, "first")
			messages, err := subscriber.Subscribe(t.Context(), topic)
			require.NoError(t, err)
			add()
			receive(t, messages).Ack()
			add()
			receive(t, messages) // it is never acknowledged: a peer takes it over
			go func() { _ = subscriber.Close() }()

			peer, err := c.subscriber(t, "second").Subscribe(t.Context(), topic)
			require.NoError(t, err)
			receive(t, peer).Ack()
			require.Eventually(t, func() bool {
				pending, err := c.admin.XPending(t.Context(), topic, c.need.Service).Result()
				return err == nil && pending.Count == 0
			}, deadline, tick)

			janitor, err := redisstream.NewJanitor(c.service, 0, clock.NewManual(time.Now().Add(time.Hour)))
			require.NoError(t, err)
			removed, err := janitor.Trim(t.Context(), topic)
			require.NoError(t, err)
			require.Positive(t, removed)
			_, err = janitor.Forget(t.Context(), topic, 0)
			require.NoError(t, err)
		}
		require.Empty(t, c.refused(t))
	})
}

func TestAServiceSendsWithItsRights(t *testing.T) {
	eachService(t, func(t *testing.T, c clients) {
		db := storetest.Open(t, outbox.Schema)
		o, err := outbox.New(outbox.Config{DB: db, Redis: c.service, Source: c.need.Service, CheckInterval: 50 * time.Millisecond})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		for _, topic := range c.need.Sends {
			require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				o.Publish(ctx, tx, message.Event(topic, "subject", wrapperspb.String("body")))
				return nil
			}))
			arrived := func() bool { return c.admin.XLen(t.Context(), topic).Val() > 0 }
			require.Eventually(t, arrived, deadline, tick)
			require.Eventually(t, func() bool {
				unsent, _, err := o.Backlog(t.Context())
				return err == nil && unsent == 0
			}, deadline, tick)
			require.NoError(t, c.admin.Del(t.Context(), topic).Err())
			require.Eventually(t, arrived, deadline, tick, "what Redis has lost is found and sent again")
		}
		stop()
		require.NoError(t, <-ended)
		require.Empty(t, c.refused(t))
	})
}

func TestAServiceHasNoOtherRights(t *testing.T) {
	var all []string
	needs, err := needsOfTheMall()
	require.NoError(t, err)
	for _, n := range needs {
		all = append(all, append(n.Sends, n.Receives...)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	eachService(t, func(t *testing.T, c clients) {
		refuses := func(args ...any) {
			t.Helper()
			err := c.service.Do(t.Context(), args...).Err()
			require.True(t, redis.HasErrorPrefix(err, "NOPERM"), "%v: %v", args, err)
		}
		refusesWithin := func(script string, keys ...any) {
			t.Helper()
			require.NoError(t, c.admin.ACLLogReset(t.Context()).Err())
			require.Error(t, c.service.Do(t.Context(), append([]any{"eval", script, len(keys)}, keys...)...).Err(), script)
			entries, err := c.admin.ACLLog(t.Context(), 1).Result()
			require.NoError(t, err)
			require.Len(t, entries, 1, script)
			require.Equal(t, "lua", entries[0].Context, script)
		}
		for _, topic := range append(all, "another") {
			require.NoError(t, c.admin.XGroupCreateMkStream(t.Context(), topic, "group", "0").Err())
			sends, receives := slices.Contains(c.need.Sends, topic), slices.Contains(c.need.Receives, topic)
			if !sends {
				refuses("xadd", topic, "*", "k", "v")
			}
			if !sends && !receives {
				refuses("xrange", topic, "-", "+")
			}
			if !receives {
				refuses("xreadgroup", "group", "group", "c", "streams", topic, ">")
				refuses("xack", topic, "group", "0-1")
				refuses("xclaim", topic, "group", "c", "0", "0-1")
				refuses("xtrim", topic, "maxlen", "0")
				refuses("xinfo", "groups", topic)
				refuses("xgroup", "create", topic, "mine", "0")
				refuses("xgroup", "delconsumer", topic, "group", "c")
				refuses("eval", "return 1", 1, topic)
			}
			refuses("del", topic)
			refuses("set", topic, "v")
			refuses("get", topic)
			refuses("rename", topic, "x")
			refuses("expire", topic, 1)
			refuses("dump", topic)
			refuses("xdel", topic, "0-1")
			refuses("xsetid", topic, "0-1")
			refuses("xgroup", "destroy", topic, "group")
			refuses("xgroup", "setid", topic, "group", "0")
		}
		for _, dangerous := range [][]any{
			{"flushall"}, {"flushdb"}, {"config", "get", "*"}, {"config", "set", "maxmemory", "1"}, {"keys", "*"}, {"scan", "0"}, {"randomkey"},
			{"acl", "list"}, {"acl", "setuser", c.need.Service, "+@all"}, {"shutdown"}, {"info"}, {"monitor"}, {"save"},
			{"client", "list"}, {"client", "kill", "type", "normal"}, {"client", "pause", "1"}, {"replicaof", "no", "one"}, {"slowlog", "get"},
			{"script", "flush"}, {"function", "flush"}, {"module", "list"}, {"publish", "c", "v"}, {"subscribe", "c"}, {"swapdb", "0", "1"},
			{"multi"}, {"wait", "0", "0"}, {"memory", "doctor"}, {"command"}, {"dbsize"},
		} {
			refuses(dangerous...)
		}
		if len(c.need.Receives) > 0 {
			own := c.need.Receives[0]
			refusesWithin(`return redis.call('FLUSHALL')`, own)
			refusesWithin(`return redis.call('DEL', KEYS[1])`, own)
			refusesWithin(`return redis.call('XTRIM', 'another', 'MAXLEN', '0')`, own)
		}
	})
}

func TestTheUserDefaultIsOff(t *testing.T) {
	eachService(t, func(t *testing.T, c clients) {
		nobody := redis.NewClient(&redis.Options{Addr: c.admin.Options().Addr, DisableIdentity: true})
		defer func() { _ = nobody.Close() }()
		require.True(t, redis.HasErrorPrefix(nobody.Ping(t.Context()).Err(), "NOAUTH"))
	})
}

func (c clients) subscriber(t *testing.T, consumer string) *redisstream.Subscriber {
	t.Helper()
	subscriber, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
		Client: c.service, Group: c.need.Service, Consumer: consumer, Logger: slog.New(slog.DiscardHandler),
		BlockTime: 100 * time.Millisecond, ClaimInterval: 50 * time.Millisecond, ClaimIdle: 200 * time.Millisecond, KeepAliveInterval: 50 * time.Millisecond,
		CloseTimeout: 100 * time.Millisecond, NackBackoffMin: 20 * time.Millisecond, NackBackoffMax: 40 * time.Millisecond,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = subscriber.Close() })
	return subscriber
}

func entryOf(topic string) *redis.XAddArgs {
	return &redis.XAddArgs{Stream: topic, Values: map[string]any{
		"_watermill_message_uuid": "id", "metadata": []byte{0x80}, "payload": "body", // an empty map in msgpack
	}}
}

func receive(t *testing.T, messages <-chan *watermill.Message) *watermill.Message {
	t.Helper()
	select {
	case got, open := <-messages:
		require.True(t, open)
		return got
	case <-time.After(deadline):
		require.FailNow(t, "no message comes")
		return nil
	}
}
