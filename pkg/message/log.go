package message

import (
	"context"
	"log/slog"

	"github.com/ThreeDotsLabs/watermill/message"
)

// What the log says of a message, at info, once a service: that it was sent, if a client's call or a timer set it off, or that it was
// handled. Whoever looks for an order's id finds all of its messages, each where it took effect. The lines hold names and ids, never
// what is in a body.

// LogSent says that a message was committed to be sent, unless another message caused it: then the line about that one stands in the
// same log already, and the consumers of this one tell of it.
func LogSent(log *slog.Logger, m *message.Message) {
	ctx := context.Background()
	if m.Metadata.Get(keyCausation) == "" && log.Enabled(ctx, slog.LevelInfo) {
		log.LogAttrs(ctx, slog.LevelInfo, "message sent", about(DecodeMeta(m), 0)...)
	}
}

// logHandled says that a message took effect.
func (c *Consumer) logHandled(ctx context.Context, meta Meta) {
	if c.cfg.Logger.Enabled(ctx, slog.LevelInfo) {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "message handled", append(about(meta, 1), slog.String("from", meta.Source))...)
	}
}

// logRefused says that a command was answered with a failure, which leaves no other effect.
func (c *Consumer) logRefused(ctx context.Context, meta Meta, reason string) {
	if c.cfg.Logger.Enabled(ctx, slog.LevelInfo) {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelInfo, "command refused",
			append(about(meta, 2), slog.String("from", meta.Source), slog.String("reason", reason))...)
	}
}

// about says which message it is, in attributes with room for more.
func about(meta Meta, more int) []slog.Attr {
	attrs := make([]slog.Attr, 0, 6+more)
	attrs = append(attrs,
		slog.String("type", meta.Type), slog.String("subject", meta.Subject), slog.String("correlation_id", meta.CorrelationID),
		slog.String("message_id", meta.ID))
	if meta.Saga != "" {
		attrs = append(attrs, slog.String("saga", meta.Saga), slog.String("step", meta.SagaStep))
	}
	return attrs
}
