package rpc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/fault"
)

const secret = "pq: password of user ordering at 10.1.2.3"

type downDatabase struct{}

func (downDatabase) Error() string     { return secret }
func (downDatabase) Unavailable() bool { return true }

func TestToStatus(t *testing.T) {
	peerFault := ToStatus(fault.Missing("PRODUCT_NOT_FOUND", "no product 7")).Err()
	var nilFault *fault.Error
	for _, c := range []struct {
		name   string
		err    error
		code   codes.Code
		reason string
		text   string
	}{
		{"no error", nil, codes.OK, "", ""},
		{"an invalid field", fault.BadField("name", "is blank"), codes.InvalidArgument, "INVALID_FIELD", "name is blank"},
		{"something missing", fault.Missing("BOT_NOT_FOUND", "no bot"), codes.NotFound, "BOT_NOT_FOUND", "no bot"},
		{"a refusal", fault.Refuse("BOT_BUSY", "the bot is busy"), codes.FailedPrecondition, "BOT_BUSY", "the bot is busy"},
		{"a conflict", &fault.Error{Kind: fault.Conflict, Reason: "CONFLICT", Message: "changed"}, codes.Aborted, "CONFLICT", "changed"},
		{"a wrapped fault", fmt.Errorf("tx: %w", fault.Refuse("BOT_BUSY", "busy")), codes.FailedPrecondition, "BOT_BUSY", "busy"},
		{"a fault of no kind", &fault.Error{Reason: "X", Message: secret}, codes.Internal, ReasonInternal, textInternal},
		{"a nil fault", nilFault, codes.Internal, ReasonInternal, textInternal},
		{"a peer's fault", peerFault, codes.NotFound, "PRODUCT_NOT_FOUND", "no product 7"},
		{"a wrapped peer's fault", fmt.Errorf("%s: %w", secret, peerFault), codes.NotFound, "PRODUCT_NOT_FOUND", "no product 7"},
		{"a refusal that is not ours", status.Error(codes.NotFound, secret), codes.Internal, ReasonInternal, textInternal},
		{"a peer that is away", status.Error(codes.Unavailable, secret), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"a peer that is busy", busy(), codes.ResourceExhausted, ReasonBusy, textBusy},
		{"a peer that is busy, over the wire", status.FromProto(status.Convert(busy()).Proto()).Err(), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"a peer that drains", answer(context.Background(), errDraining).status.Err(), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"a peer's bug", ToStatus(errors.New(secret)).Err(), codes.Internal, ReasonInternal, textInternal},
		{"a peer's other code", status.Error(codes.PermissionDenied, secret), codes.Internal, ReasonInternal, textInternal},
		{"a peer that was too slow", status.Error(codes.DeadlineExceeded, secret), codes.DeadlineExceeded, ReasonDeadline, textDeadline},
		{"a connection that was closed here", status.Error(codes.Canceled, secret), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"a cancelled context", fmt.Errorf("query: %w", context.Canceled), codes.Canceled, ReasonCancelled, textCancelled},
		{"a deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), codes.DeadlineExceeded, ReasonDeadline, textDeadline},
		{"a database that is away", fmt.Errorf("begin: %w", downDatabase{}), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"unavailable by its sentinel", fmt.Errorf("%s: %w", secret, ErrUnavailable), codes.Unavailable, ReasonUnavailable, textUnavailable},
		{"a bug", errors.New(secret), codes.Internal, ReasonInternal, textInternal},
		{"a panic", &panicked{value: secret}, codes.Internal, ReasonInternal, textInternal},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := ToStatus(c.err)
			if st.Code() != c.code || st.Message() != c.text || Reason(st.Err()) != c.reason {
				t.Errorf("got %v, reason %q", st, Reason(st.Err()))
			}
			if strings.Contains(st.Proto().String(), "10.1.2.3") {
				t.Errorf("infrastructure text leaks: %v", st.Proto())
			}
		})
	}
}

func TestAnswer_blames_the_end_of_the_call_for_errors_that_follow_from_it(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	draining, drain := context.WithCancelCause(context.Background())
	drain(errDraining)
	interrupted := errors.New("interrupted (9)")
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code codes.Code
	}{
		{cancelled, interrupted, codes.Canceled},
		{cancelled, status.Error(codes.Canceled, "closing"), codes.Canceled},
		{draining, context.Canceled, codes.Unavailable},
		{draining, fault.Refuse("NO", "no"), codes.FailedPrecondition}, // an answer stays an answer
		{cancelled, &panicked{value: "x"}, codes.Internal},             // and a bug a bug
	} {
		if got := answer(c.ctx, c.err).status.Code(); got != c.code {
			t.Errorf("%v gives %v, want %v", c.err, got, c.code)
		}
	}
}

func TestFromStatus_gives_faults_back_as_they_were(t *testing.T) {
	for _, f := range []*fault.Error{
		fault.BadField("price.minor_units", "must not be negative"),
		{Kind: fault.Invalid, Reason: "REQUEST_ID_REUSED", Message: "request_id was used for another request"},
		fault.Missing("ORDER_NOT_FOUND", "no order 7"),
		fault.Refuse("ORDER_COMPLETED", "order 7 is completed"),
		{Kind: fault.Conflict, Reason: "CONFLICT", Message: "changed by others"},
	} {
		back := FromStatus(fmt.Errorf("call: %w", ToStatus(f).Err()))
		if !reflect.DeepEqual(back, error(f)) {
			t.Errorf("%+v came back as %+v", f, back)
		}
	}
}

func TestFromStatus_leaves_other_errors_alone(t *testing.T) {
	for _, err := range []error{
		nil, errors.New("x"), status.Error(codes.NotFound, "not ours"), ToStatus(ErrUnavailable).Err(), busy(),
	} {
		if got := FromStatus(err); !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestReason(t *testing.T) {
	foreign, err := status.New(codes.NotFound, "x").WithDetails(&errdetails.ErrorInfo{Reason: "THEIRS", Domain: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""}, {errors.New("x"), ""}, {foreign.Err(), ""},
		{fault.Refuse("BOT_BUSY", "busy"), "BOT_BUSY"}, {ToStatus(fault.Refuse("BOT_BUSY", "busy")).Err(), "BOT_BUSY"}, {busy(), ReasonBusy},
	} {
		if got := Reason(c.err); got != c.want {
			t.Errorf("Reason(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestToStatus_is_small_and_valid_whatever_the_fault_holds(t *testing.T) {
	fields := make([]fault.Field, 10*maxViolations)
	for i := range fields {
		fields[i] = fault.Field{Name: "name\xff", Description: strings.Repeat("ü", maxText)}
	}
	st := ToStatus(&fault.Error{Kind: fault.Invalid, Reason: "R", Message: strings.Repeat("ü\xff", maxText), Fields: fields})
	if len(st.Message()) > maxText || len(st.Details()) != 2 {
		t.Fatalf("%d bytes, %d details", len(st.Message()), len(st.Details()))
	}
	bad := st.Details()[1].(*errdetails.BadRequest)
	if got := len(bad.GetFieldViolations()); got != maxViolations {
		t.Errorf("%d violations", got)
	}
	if v := bad.GetFieldViolations()[0]; v.GetField() != "name" || len(v.GetDescription()) > maxText {
		t.Errorf("%v", v)
	}
}
