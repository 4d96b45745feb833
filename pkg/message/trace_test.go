package message_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// The trace of a call goes on in the handlers of the messages that it sent, across the outbox and the stream.
func TestATraceCrossesTheMessage(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})

	ctx, call := provider.Tracer("test").Start(t.Context(), "call")
	body := wrapperspb.String("hello")
	sent, err := message.Encode(message.Outgoing{
		Topic: topic, Body: body, Meta: message.Meta{ID: "trace-1", Subject: "s"}.Complete(ctx, nil, "test", time.Now()),
	})
	call.End()
	require.NoError(t, err)

	each(t, func(t *testing.T, db *store.DB) {
		seen := make(chan oteltrace.SpanContext, 1)
		bus := newBus()
		consumer := newConsumer(db, bus)
		consumer.Handle(topic, message.OnEvent(func(ctx context.Context, _ *store.Tx, _ message.Meta, _ *wrapperspb.StringValue) error {
			seen <- oteltrace.SpanContextFromContext(ctx)
			return nil
		}))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(ctx) }()
		bus.deliver(sent.Copy())
		require.Equal(t, call.SpanContext().TraceID(), wait(t, seen, "the handler to run").TraceID())
		cancel()
		require.NoError(t, wait(t, ended, "Run to return"))
	})
	for _, span := range spans.Ended() {
		if span.SpanKind() == oteltrace.SpanKindConsumer {
			require.Equal(t, call.SpanContext().SpanID(), span.Parent().SpanID())
			return
		}
	}
	t.Fatal("no consumer span was recorded")
}
