package saga_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

const (
	replyTopic = "mall.replies"
	deadline   = 10 * time.Second
	attempts   = 3
	orderID    = "order-1"
)

// order is the data of the create-order saga.
type order struct {
	ID   string
	List string
	// Gift orders are not paid for.
	Gift bool
}

func command(topic string, words ...string) *saga.Command {
	return &saga.Command{Topic: topic, Body: wrapperspb.String(strings.Join(words, " "))}
}

// createOrder is the saga of the mall: a step 0 that has only a compensation, steps with and without one, a pivot, a Retriable end.
func createOrder() saga.Definition[order] {
	do := func(topic, word string) func(order) *saga.Command {
		return func(d order) *saga.Command { return command(topic, word, d.ID) }
	}
	undo := func(topic, word string) func(order, saga.Failure) *saga.Command {
		return func(d order, _ saga.Failure) *saga.Command { return command(topic, word, d.ID) }
	}
	return saga.Definition[order]{
		Name: "CreateOrder",
		Steps: []saga.Step[order]{
			{Name: "order", Compensation: func(d order, f saga.Failure) *saga.Command {
				return command("ordering", "RejectOrder", d.ID, "for", f.Step, f.Reason)
			}},
			{Name: "customer", Action: do("customers", "AuthorizeCustomer"), Deadline: deadline, Attempts: attempts},
			{Name: "stock", Action: do("stores", "ReserveStock"), Compensation: undo("stores", "ReleaseStock"), Deadline: deadline, Attempts: attempts},
			{
				Name: "list", Action: do("depot", "CreateShoppingList"), Compensation: undo("depot", "CancelShoppingList"),
				OnSuccess: saga.Take(func(d *order, id *wrapperspb.StringValue) { d.List = id.Value }),
				Deadline:  deadline, Attempts: attempts,
			},
			{
				Name: "payment", Deadline: deadline, Attempts: attempts,
				Action: func(d order) *saga.Command {
					if d.Gift {
						return nil
					}
					return command("payments", "ConfirmPayment", d.ID)
				},
				Compensation: undo("payments", "VoidPayment"),
			},
			{Name: "approval", Action: do("ordering", "ApproveOrder"), Deadline: deadline, Attempts: saga.UntilAnswered},
			{Name: "shopping", Retriable: true, Action: func(d order) *saga.Command {
				return command("depot", "InitiateShopping", d.List)
			}},
		},
	}
}

// bus is a Publisher that keeps what committed units of work sent.
type bus struct {
	mu   sync.Mutex
	sent []message.Outgoing
}

func (b *bus) Publish(ctx context.Context, tx *store.Tx, outgoing ...message.Outgoing) {
	for _, out := range outgoing {
		out.Meta = out.Meta.Complete(ctx, func() string { return "unset" }, "cosec", time.Time{})
		tx.OnCommit(func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.sent = append(b.sent, out)
		})
	}
}

// take gives what was sent since the last call.
func (b *bus) take() []message.Outgoing {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = nil
	return sent
}

// mall is an orchestrator with everything around it.
type mall struct {
	*testing.T
	db      *store.DB
	clock   *clock.Manual
	bus     *bus
	o       *saga.Orchestrator[order]
	cfg     saga.Config
	ignored []saga.Ignored
}

func each(t *testing.T, test func(m *mall)) {
	t.Helper()
	eachOf(t, createOrder, test)
}

func eachOf(t *testing.T, definition func() saga.Definition[order], test func(m *mall)) {
	t.Helper()
	storetest.Each(t, []store.Schema{saga.Schema}, func(t *testing.T, db *store.DB) { test(open(t, db, definition())) })
}

func open(t *testing.T, db *store.DB, definition saga.Definition[order]) *mall {
	m := &mall{T: t, db: db, bus: &bus{}, clock: clock.NewManual(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var mu sync.Mutex
	m.cfg = saga.Config{
		Publisher: m.bus, DB: db, Clock: m.clock, ReplyTopic: replyTopic, Logger: slog.New(slog.DiscardHandler),
		OnIgnored: func(_ string, why saga.Ignored) {
			mu.Lock()
			defer mu.Unlock()
			m.ignored = append(m.ignored, why)
		},
	}
	m.o = m.replica(definition)
	return m
}

// replica is another orchestrator on the same database.
func (m *mall) replica(definition saga.Definition[order]) *saga.Orchestrator[order] {
	m.Helper()
	o, err := saga.New(m.cfg, definition)
	require.NoError(m, err)
	return o
}

func (m *mall) do(work func(ctx context.Context, tx *store.Tx) error) error {
	return m.db.Do(m.Context(), work)
}

func (m *mall) start(data order) {
	m.Helper()
	require.NoError(m, m.do(func(ctx context.Context, tx *store.Tx) error { return m.o.Start(ctx, tx, data.ID, data) }))
}

// sent takes the one command that was sent, which must be it.
func (m *mall) sent(words string) message.Outgoing {
	m.Helper()
	sent := m.bus.take()
	require.Equal(m, []string{words}, wordsOf(sent))
	return sent[0]
}

// isCopy wants a command that was sent again to be the same message, for the same request. Only what caused the sending differs.
func (m *mall) isCopy(first, again message.Outgoing) {
	m.Helper()
	first.Meta.CausationID = again.Meta.CausationID
	require.Equal(m, first.Meta, again.Meta)
}

func wordsOf(sent []message.Outgoing) []string {
	words := []string{}
	for _, out := range sent {
		words = append(words, out.Body.(*wrapperspb.StringValue).Value)
	}
	return words
}

func succeeded(result proto.Message) *sagav1.CommandReply {
	outcome := &sagav1.Succeeded{}
	if result != nil {
		outcome.Data, _ = anypb.New(result) // of a well-known type: it can't fail
	}
	return &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Succeeded{Succeeded: outcome}}
}

func refused(reason string) *sagav1.CommandReply {
	return &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Failed{Failed: &sagav1.Failed{Reason: reason, Message: "because"}}}
}

// fine is the successful reply to a command.
func fine(out message.Outgoing) *sagav1.CommandReply {
	if strings.HasPrefix(wordsOf([]message.Outgoing{out})[0], "CreateShoppingList") {
		return succeeded(wrapperspb.String("list-1"))
	}
	return succeeded(nil)
}

// answerTo is the envelope of a reply to a command, as pkg/message makes it.
func answerTo(out message.Outgoing) message.Meta {
	return message.Meta{
		ID: "reply to " + out.Meta.ID, CommandID: out.Meta.CommandID, CorrelationID: out.Meta.CorrelationID,
		Saga: out.Meta.Saga, SagaID: out.Meta.SagaID, SagaStep: out.Meta.SagaStep,
	}
}

func (m *mall) tryAnswer(meta message.Meta, reply *sagav1.CommandReply) error {
	return m.do(func(ctx context.Context, tx *store.Tx) error {
		return m.o.OnReply(message.WithCause(ctx, meta), tx, meta, reply)
	})
}

func (m *mall) answer(out message.Outgoing, reply *sagav1.CommandReply) {
	m.Helper()
	require.NoError(m, m.tryAnswer(answerTo(out), reply))
}

// wait lets time pass and the timers look.
func (m *mall) wait(d time.Duration) {
	m.Helper()
	m.clock.Advance(d)
	require.NoError(m, m.o.FireDue(m.Context()))
}

// upTo answers every command with success until this one has been sent, which it gives.
func (m *mall) upTo(words string) message.Outgoing {
	m.Helper()
	for range 20 {
		sent := m.bus.take()
		require.Len(m, sent, 1)
		if wordsOf(sent)[0] == words {
			return sent[0]
		}
		m.answer(sent[0], fine(sent[0]))
	}
	require.Fail(m, "was never sent: "+words)
	return message.Outgoing{}
}

func (m *mall) show(id string) (s saga.Saga, history []saga.Entry) {
	m.Helper()
	require.NoError(m, m.db.Read(m.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		s, history, err = saga.Show(ctx, tx, "CreateOrder", id)
		return err
	}))
	return s, history
}

func (m *mall) state() saga.State {
	m.Helper()
	s, _ := m.show(orderID)
	return s.State
}

type anyResult = anypb.Any

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
