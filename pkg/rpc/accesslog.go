package rpc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// accessLog writes a line a call: what was called, how it ended, how long it took. Never bodies or metadata: they hold people's data.
type accessLog struct{ log *slog.Logger }

func (l accessLog) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	resp, err := handler(ctx, req)
	if !isHealth(info.FullMethod) {
		l.write(ctx, info.FullMethod, start, err)
	}
	return resp, err
}

func (l accessLog) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := time.Now()
	err := handler(srv, ss)
	if !isHealth(info.FullMethod) {
		l.write(ss.Context(), streamCall(srv, info.FullMethod).method, start, err)
	}
	return err
}

func (l accessLog) write(ctx context.Context, method string, start time.Time, err error) {
	code := status.Code(err)
	reason := Reason(err)
	level := logLevel(code)
	if reason == ReasonDraining {
		level = slog.LevelDebug // as intended, and once for every stream
	}
	if !l.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("code", code.String()), slog.Duration("duration", time.Since(start)),
	}
	if reason != "" {
		attrs = append(attrs, slog.String("reason", reason))
	}
	if level > slog.LevelDebug {
		attrs = append(attrs, causes(err)...)
	}
	l.log.LogAttrs(ctx, level, "rpc", attrs...)
}

// logLevel: what the client was told without its cause is logged with it. Bugs are errors; things out of reach are warnings.
func logLevel(code codes.Code) slog.Level {
	switch code {
	case codes.Internal, codes.Unknown, codes.DataLoss:
		return slog.LevelError
	case codes.Unavailable:
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}

// causes are the texts that the client was not told.
func causes(err error) []slog.Attr {
	var a *answered
	if errors.As(err, &a) && a.cause != nil {
		err = a.cause
	}
	attrs := []slog.Attr{slog.Any("error", err)}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	return attrs
}
