package message_test

import (
	"context"
	"testing"
	"time"
	"unicode/utf8"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123_456_000, time.UTC)

func newID() string { return "new-id" }

func full() message.Meta {
	return message.Meta{
		ID: "m-1", Type: "google.protobuf.StringValue", Source: "ordering", Subject: "order-1", Time: noon,
		CorrelationID: "request-1", CausationID: "m-0", ReplyTo: "ordering.replies", CommandID: "c-1",
		Saga: "checkout", SagaID: "s-1", SagaStep: "reserve",
	}
}

func TestAnEnvelopeComesBackAsItWasSent(t *testing.T) {
	for name, meta := range map[string]message.Meta{
		"full": full(), "as little as can be": {ID: "m-1", Type: "google.protobuf.StringValue", Time: noon},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := message.Encode(message.Outgoing{Topic: topic, Meta: meta, Body: wrapperspb.String("hello")})
			require.NoError(t, err)
			require.Equal(t, meta, message.DecodeMeta(m))
			body := &wrapperspb.StringValue{}
			require.NoError(t, proto.Unmarshal(m.Payload, body))
			require.Equal(t, "hello", body.Value)
		})
	}
}

func TestTheEnvelopeIsThatOfCloudEvents(t *testing.T) {
	m, err := message.Encode(message.Outgoing{Meta: full(), Body: wrapperspb.String("")})
	require.NoError(t, err)
	require.Equal(t, "m-1", m.UUID)
	require.Equal(t, wm.Metadata{
		"ce-type": "google.protobuf.StringValue", "ce-source": "ordering", "ce-subject": "order-1", "ce-time": "2026-03-04T12:00:00.123456Z",
		"correlation_id": "request-1", "causation_id": "m-0", "reply_to": "ordering.replies", "command_id": "c-1",
		"saga": "checkout", "saga_id": "s-1", "saga_step": "reserve",
	}, m.Metadata)
}

func TestWhatASenderLeftOutIsEmpty(t *testing.T) {
	require.Equal(t, message.Meta{ID: "m-1"}, message.DecodeMeta(wm.NewMessage("m-1", nil)))
}

func TestABrokenTimeDoesNotStopAMessage(t *testing.T) {
	m := wm.NewMessage("m-1", nil)
	m.Metadata.Set("ce-time", "yesterday, about noon")
	require.Equal(t, message.Meta{ID: "m-1"}, message.DecodeMeta(m))
}

func TestABodyThatCanNotBeEncodedIsAnError(t *testing.T) {
	_, err := message.Encode(message.Outgoing{Body: wrapperspb.String("\xff")})
	require.ErrorContains(t, err, "google.protobuf.StringValue")
}

func TestAMessageOfAClientsCallBelongsToItsSubject(t *testing.T) {
	got := message.Meta{Subject: "order-1"}.Complete(t.Context(), newID, "ordering", noon)
	require.Equal(t, message.Meta{ID: "new-id", Subject: "order-1", Source: "ordering", Time: noon, CorrelationID: "order-1"}, got)
	got = message.Meta{}.Complete(t.Context(), newID, "ordering", noon)
	require.Equal(t, "new-id", got.CorrelationID, "about nothing that has a name")
}

func TestASenderMayKnowWhatItsMessageIsPartOf(t *testing.T) {
	out := message.Event(topic, "list-1", wrapperspb.String("")).PartOf("order-1")
	require.Equal(t, "order-1", out.Meta.Complete(t.Context(), newID, "depot", noon).CorrelationID)
	ctx := message.WithCause(t.Context(), message.Meta{ID: "cause", CorrelationID: "list-1"})
	got := out.Meta.Complete(ctx, newID, "depot", noon)
	require.Equal(t, []string{"cause", "order-1"}, []string{got.CausationID, got.CorrelationID}, "better than the cause did")
}

func TestWhatAHandlerSendsNamesItsCause(t *testing.T) {
	ctx := message.WithCause(t.Context(), message.Meta{ID: "cause", CorrelationID: "request"})
	got := message.Meta{}.Complete(ctx, newID, "depot", noon)
	require.Equal(t, message.Meta{ID: "new-id", Source: "depot", Time: noon, CausationID: "cause", CorrelationID: "request"}, got)
}

func TestAnIDThatTheSenderChoseIsKept(t *testing.T) {
	got := message.Meta{ID: "chosen"}.Complete(t.Context(), func() string { panic("asked for an id") }, "ordering", noon)
	require.Equal(t, "chosen", got.ID)
}

func FuzzAnEnvelopeComesBackAsItWasSent(f *testing.F) {
	f.Add("m-1", "order-1", "request-1", "ordering.replies", "hello", int64(1_770_000_000_123_456))
	f.Add("", "\x00", "\xff\xfe", "a\nb", "", int64(0))
	f.Add("id", "", "", "", "\x00", int64(-62_135_596_800_000_000))
	f.Fuzz(func(t *testing.T, id, subject, correlation, replyTo, body string, micros int64) {
		at := time.UnixMicro(micros).UTC()
		if at.Year() < 0 || at.Year() > 9999 {
			at = time.Time{} // no RFC 3339 beyond
		}
		sent := message.Meta{
			ID: id, Type: "google.protobuf.StringValue", Source: correlation, Subject: subject, Time: at, CorrelationID: correlation,
			CausationID: subject, ReplyTo: replyTo, CommandID: id, Saga: replyTo, SagaID: subject, SagaStep: correlation,
		}
		m, err := message.Encode(message.Outgoing{Topic: topic, Meta: sent, Body: wrapperspb.String(body)})
		if !utf8.ValidString(body) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, sent, message.DecodeMeta(m))
	})
}

func FuzzAnyMetadataCanBeDecoded(f *testing.F) {
	f.Add("m-1", "ce-type", "google.protobuf.StringValue")
	f.Add("", "ce-time", "2026-13-45T99:99:99Z")
	f.Add("\x00", "mallbots-undecodable", "\xff")
	f.Fuzz(func(t *testing.T, id, key, value string) {
		m := wm.NewMessage(id, nil)
		m.Metadata.Set(key, value)
		meta := message.DecodeMeta(m)
		require.Equal(t, id, meta.ID)
		again := meta.Complete(context.Background(), newID, "s", noon)
		require.NotEmpty(t, again.ID)
	})
}
