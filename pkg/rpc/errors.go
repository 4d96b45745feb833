package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"mallbots.example/pkg/fault"
)

// Domain is the domain of every ErrorInfo that the mall sends (AIP-193): reasons are unique within it.
const Domain = "mallbots.example"

// Reasons of errors that are no faults: they say how the call went, not what a rule forbids.
const (
	ReasonInternal    = "INTERNAL"
	ReasonUnavailable = "UNAVAILABLE"
	ReasonDraining    = "SERVER_DRAINING"
	ReasonBusy        = "SERVER_BUSY"
	ReasonDeadline    = "DEADLINE_EXCEEDED"
	ReasonCancelled   = "CANCELLED"
)

// What a client reads when the true text stays in the log.
const (
	textInternal    = "internal error"
	textUnavailable = "a service this call needs is not available, try again"
	textBusy        = "the server is busy, try again later"
	textDraining    = "the server is going away, resume the stream"
	textDeadline    = "the call took longer than its deadline"
	textCancelled   = "the call was cancelled"
)

const (
	// maxViolations and maxText keep a status small: it travels in trailers, and proxies commonly refuse more than 8 KiB of headers.
	maxViolations = 16
	maxText       = 512
)

// ErrUnavailable says that something this call needs is out of reach for now: wrap it, or any error with an Unavailable method that
// returns true, and the client is told UNAVAILABLE (try again) and not INTERNAL (a bug).
var ErrUnavailable error = unavailable{}

type unavailable struct{}

func (unavailable) Error() string     { return "unavailable" }
func (unavailable) Unavailable() bool { return true }

// errDraining is the cause of a stream's cancelled context when the server drains.
var errDraining = errors.New("rpc: the server drains")

// answered is an error on its way to the client: the status it is told, and the cause, which only the log is told.
type answered struct {
	status *status.Status
	cause  error
}

func (a *answered) Error() string              { return a.status.String() }
func (a *answered) GRPCStatus() *status.Status { return a.status }
func (a *answered) Unwrap() error              { return a.cause }

// panicked is a panic of a handler as an error.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// ToStatus is the status that a client is told for err. It is the only place where errors become statuses; the server builder applies
// it to everything that handlers return.
func ToStatus(err error) *status.Status {
	if err == nil {
		return status.New(codes.OK, "")
	}
	return answer(context.Background(), err).status
}

// answer decides what the client is told. ctx is the call's: when it has ended, that is the reason, whatever words the driver or the
// peer found for it (SQLite says "interrupted", a closed connection says "canceled").
func answer(ctx context.Context, err error) *answered {
	var done *answered
	var crash *panicked
	switch {
	case errors.As(err, &done):
		return done
	case errors.As(err, &crash):
		return &answered{build(codes.Internal, ReasonInternal, textInternal), err}
	}
	if f, ok := fault.As(err); ok {
		return &answered{faultStatus(f), err}
	}
	if st, ok := peerStatus(err); ok && isFaultCode(st.Code()) {
		if info := ourInfo(st); info != nil { // a fault of a service that this one called: as good as our own
			return &answered{rebuilt(st, info), err}
		}
	}
	code, reason, text := classify(ctx, err)
	return &answered{build(code, reason, text), err}
}

// classify sorts infrastructure errors. Its texts are constants: infrastructure text never reaches a client.
func classify(ctx context.Context, err error) (codes.Code, string, string) {
	st, isStatus := peerStatus(err)
	var u interface{ Unavailable() bool }
	switch {
	case errors.Is(err, errDraining), errors.Is(context.Cause(ctx), errDraining):
		return codes.Unavailable, ReasonDraining, textDraining
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded),
		isStatus && st.Code() == codes.DeadlineExceeded:
		return codes.DeadlineExceeded, ReasonDeadline, textDeadline
	case errors.Is(err, context.Canceled), ctx.Err() != nil:
		return codes.Canceled, ReasonCancelled, textCancelled
	case isStatus && (st.Code() == codes.Unavailable || st.Code() == codes.Canceled || ourInfo(st).GetReason() == ReasonBusy):
		// "Cancelled" though nobody cancelled here: our side of the connection was closed. A peer that is busy is as good as away.
		return codes.Unavailable, ReasonUnavailable, textUnavailable
	case errors.As(err, &u) && u.Unavailable():
		return codes.Unavailable, ReasonUnavailable, textUnavailable
	default:
		return codes.Internal, ReasonInternal, textInternal
	}
}

func isFaultCode(c codes.Code) bool {
	return c == codes.InvalidArgument || c == codes.NotFound || c == codes.FailedPrecondition || c == codes.Aborted
}

// faultCode is the mapping of the mall's one domain error.
func faultCode(k fault.Kind) (codes.Code, bool) {
	switch k {
	case fault.Invalid:
		return codes.InvalidArgument, true
	case fault.NotFound:
		return codes.NotFound, true
	case fault.Refused:
		return codes.FailedPrecondition, true
	case fault.Conflict:
		return codes.Aborted, true
	default:
		return codes.Internal, false
	}
}

func faultStatus(f *fault.Error) *status.Status {
	if f == nil { // a typed nil in an error: a bug of the handler
		return build(codes.Internal, ReasonInternal, textInternal)
	}
	code, ok := faultCode(f.Kind)
	if !ok {
		return build(codes.Internal, ReasonInternal, textInternal)
	}
	if len(f.Fields) == 0 {
		return build(code, f.Reason, f.Message)
	}
	bad := &errdetails.BadRequest{}
	for _, field := range f.Fields[:min(len(f.Fields), maxViolations)] {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: clean(field.Name), Description: clean(field.Description), Reason: clean(f.Reason),
		})
	}
	return build(code, f.Reason, f.Message, bad)
}

// build makes a status with ErrorInfo. Texts are cut and cleaned, so that attaching the details cannot fail.
func build(code codes.Code, reason, text string, details ...protoadapt.MessageV1) *status.Status {
	st := status.New(code, clean(text))
	all := append([]protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: clean(reason), Domain: Domain}}, details...)
	if detailed, err := st.WithDetails(all...); err == nil {
		return detailed
	}
	return st
}

// rebuilt copies a peer's fault with the details that we know, and no others.
func rebuilt(st *status.Status, info *errdetails.ErrorInfo) *status.Status {
	var details []protoadapt.MessageV1
	for _, d := range st.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok {
			details = append(details, bad)
		}
	}
	return build(st.Code(), info.GetReason(), st.Message(), details...)
}

// clean makes a text fit for a trailer: valid UTF-8 (protobuf refuses all else) and bounded.
func clean(text string) string {
	if len(text) > maxText {
		text = text[:maxText-len("…")] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
