package message

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Trace is the trace context of a message in the forms of W3C Trace Context and Baggage, which are also the keys on the wire.
type Trace struct{ Parent, State, Baggage string }

const (
	keyTraceParent = "traceparent"
	keyTraceState  = "tracestate"
	keyBaggage     = "baggage"
)

// traceOf is the trace context in ctx: a message carries it from the unit of work that sends it to the handlers.
func traceOf(ctx context.Context) Trace {
	carrier := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, carrier)
	return Trace{Parent: carrier[keyTraceParent], State: carrier[keyTraceState], Baggage: carrier[keyBaggage]}
}

// into puts the trace context into a context.
func (t Trace) into(ctx context.Context) context.Context {
	if t.Parent == "" {
		return ctx
	}
	return otel.GetTextMapPropagator().Extract(ctx,
		propagation.MapCarrier{keyTraceParent: t.Parent, keyTraceState: t.State, keyBaggage: t.Baggage})
}

// startSpan begins the span in which a message is handled, as a child of the one in which it was sent. Attribute names are those of
// OpenTelemetry's semantic conventions for messaging, version 1.45, which may still change.
func startSpan(ctx context.Context, topic string, meta Meta) (context.Context, trace.Span) {
	return otel.Tracer("mallbots.example/pkg/message").Start(meta.Trace.into(ctx), "process "+meta.Type,
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			attribute.String("messaging.system", "redis"),
			attribute.String("messaging.operation.type", "process"),
			attribute.String("messaging.destination.name", topic),
			attribute.String("messaging.message.id", meta.ID),
			attribute.String("messaging.message.conversation_id", meta.CorrelationID),
		))
}

func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
