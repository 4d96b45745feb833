package message

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

// keyUndecodable marks a stream entry that is no message; pkg/redisstream sets it to the reason.
const keyUndecodable = "mallbots-undecodable"

// errUndecodable is final: the bytes will not get better.
var errUndecodable = errors.New("the stream entry is not a message")

func refuseUndecodable(context.Context, *store.Tx, Meta, []byte) (proto.Message, error) {
	return nil, errUndecodable
}

// printable makes text that any column takes: what strangers put into a stream must not stop it. Postgres refuses NUL and broken UTF-8.
func printable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// maxID is the longest id that is kept as it is: Postgres can't index more than 2.7 kB.
const maxID = 256

// inboxID gives the id under which the tables know a message. It is the sender's, unless that can't be a key; then it is made from what
// all copies have in common, so that they are still known as copies, and nothing else is taken for one.
func inboxID(m *message.Message) string {
	if m.UUID != "" && len(m.UUID) <= maxID && printable(m.UUID) == m.UUID {
		return m.UUID
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q", m.UUID)
	if m.UUID == "" {
		for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
			fmt.Fprintf(sum, "%q%q", key, m.Metadata[key])
		}
		sum.Write(m.Payload)
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil))
}

// RetryPolicy says how a message whose handler failed is tried again.
type RetryPolicy struct {
	// Attempts is how often a message is handled before it is a dead letter.
	Attempts int
	// First is the pause after the first failure. It doubles with each one, up to Longest; each pause varies by up to a quarter, so that
	// messages that failed together do not come back together.
	First, Longest time.Duration
}

// DefaultRetryPolicy rides out an event that arrives before the one it builds on (the first pauses) and a bad deploy that is rolled back
// within some minutes (ten attempts take about four).
var DefaultRetryPolicy = RetryPolicy{Attempts: 10, First: 500 * time.Millisecond, Longest: time.Minute}

// pause before the attempt that follows the given number of failures.
func (p RetryPolicy) pause(failures int) time.Duration {
	pause := p.First
	for range failures - 1 {
		pause = min(2*pause, p.Longest)
	}
	return pause + time.Duration(rand.Int64N(int64(pause)/4+1))
}

// isInfrastructure reports whether the failure is not the message's: it is then not counted against it.
func isInfrastructure(err error) bool {
	if store.Unavailable(err) {
		return true
	}
	var peer interface{ GRPCStatus() *status.Status } // a service that a handler called
	if errors.As(err, &peer) {
		code := peer.GRPCStatus().Code()
		return code == codes.Unavailable || code == codes.DeadlineExceeded || code == codes.Canceled
	}
	return false
}

// afterFailure gives what is done with a message instead of handling it, and whether that is to park it.
func (c *Consumer) afterFailure(d *delivery, err error) (instead Handler, parking bool) {
	if refusal, ok := businessFailure(err); ok && d.handler.command {
		d.result, d.reason = resultRefused, refusal.Reason
		return Handler{handle: func(ctx context.Context, tx *store.Tx, meta Meta, _ []byte) (proto.Message, error) {
			c.answer(ctx, tx, failed(meta, refusal))
			return nil, nil
		}}, false // a reply that can't be sent is one more failure
	}
	d.result = ""
	metadata, marshalErr := json.Marshal(d.message.Metadata)
	if marshalErr != nil {
		metadata = []byte(`{}`) // a map of strings: can't happen, and must not lose the message if it does
	}
	now := c.cfg.Clock.Now()
	failed := deferred{id: d.meta.ID, topic: d.topic, metadata: metadata, payload: d.message.Payload, firstAt: now, meta: d.meta}
	return Handler{handle: func(_ context.Context, tx *store.Tx, _ Meta, _ []byte) (proto.Message, error) {
		c.putOff(tx, failed, err)
		return nil, nil
	}}, true
}

// businessFailure tells a refusal by a rule, which is a command's answer, from everything that might go well another time.
func businessFailure(err error) (*fault.Error, bool) {
	refusal, ok := fault.As(err)
	return refusal, ok && refusal.Kind != fault.Conflict
}

func succeeded(command Meta, data proto.Message) (Outgoing, error) {
	outcome := &sagav1.Succeeded{}
	if data != nil {
		packed, err := anypb.New(data)
		if err != nil {
			return Outgoing{}, err
		}
		outcome.Data = packed
	}
	return reply(command, &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Succeeded{Succeeded: outcome}}), nil
}

func failed(command Meta, refusal *fault.Error) Outgoing {
	return reply(command, &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Failed{
		Failed: &sagav1.Failed{Reason: refusal.Reason, Message: printable(refusal.Message)},
	}})
}

// reply goes back to where the command came from, under the names that the sender gave it.
func reply(command Meta, body *sagav1.CommandReply) Outgoing {
	return Outgoing{Topic: command.ReplyTo, Body: body, Meta: Meta{
		Subject: command.Subject, CommandID: command.CommandID,
		Saga: command.Saga, SagaID: command.SagaID, SagaStep: command.SagaStep,
	}}
}

// backoff paces attempts against a database that is away.
type backoff struct{ pause time.Duration }

func newBackoff() *backoff { return &backoff{pause: 50 * time.Millisecond} }

// sleep waits and reports whether to go on: false once ctx has ended.
func (b *backoff) sleep(ctx context.Context) bool {
	timer := time.NewTimer(b.pause/2 + time.Duration(rand.Int64N(int64(b.pause))))
	defer timer.Stop()
	b.pause = min(2*b.pause, 5*time.Second)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
