package rest

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"mallbots.example/pkg/rpc"
)

// Reasons of errors that this edge finds itself, before a service is asked.
const (
	reasonMalformed   = "MALFORMED_REQUEST"
	reasonTooLarge    = "REQUEST_TOO_LARGE"
	reasonNoRoute     = "ROUTE_NOT_FOUND"
	reasonWrongMethod = "METHOD_NOT_ALLOWED"
	reasonCrossOrigin = "CROSS_ORIGIN"
)

// retryAfter is told with answers that say to try again and not when. It is the pause that a busy gRPC server asks for.
const retryAfter = time.Second

// refusal is an error that this edge found itself. Most HTTP statuses follow from the code; some have no code of their own.
type refusal struct {
	status *status.Status
	http   int
}

func (r *refusal) Error() string { return r.status.String() }

// maxText bounds what is told, like that of gRPC answers: some of it is the request's own.
const maxText = 512

func refuse(httpStatus int, code codes.Code, reason, text string) *refusal {
	if len(text) > maxText {
		text = text[:maxText-len("…")] + "…"
	}
	st := status.New(code, strings.ToValidUTF8(text, ""))
	if detailed, err := st.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: rpc.Domain}); err == nil {
		st = detailed
	}
	return &refusal{st, httpStatus}
}

func malformed(text string) *refusal {
	return refuse(http.StatusBadRequest, codes.InvalidArgument, reasonMalformed, plain(text))
}

var (
	errTooLarge    = refuse(http.StatusRequestEntityTooLarge, codes.ResourceExhausted, reasonTooLarge, "the request is larger than 4 MiB")
	errBusy        = refuse(http.StatusTooManyRequests, codes.ResourceExhausted, rpc.ReasonBusy, "the server is busy, try again later")
	errNoRoute     = refuse(http.StatusNotFound, codes.NotFound, reasonNoRoute, "there is no such route, see /openapi.json")
	errCrossOrigin = refuse(http.StatusForbidden, codes.PermissionDenied, reasonCrossOrigin, "browsers may call from the mall's own pages only")
	errPanic       = refuse(http.StatusInternalServerError, codes.Internal, rpc.ReasonInternal, "internal error")
)

// refusalOf says what the client is told for an error: of this edge, of the generated code, or of the service that was called.
func refusalOf(ctx context.Context, err error) *refusal {
	if own, ok := err.(*refusal); ok { //nolint:errorlint // made here, never wrapped
		return own
	}
	if exchangeOf(ctx).tooLarge {
		return errTooLarge
	}
	if st, ok := status.FromError(err); ok && st.Code() == codes.InvalidArgument && rpc.Reason(err) == "" {
		return malformed(st.Message()) // services give reasons: this is the generated code, which could not read the request
	}
	st := jsonNames(rpc.PassedOn(ctx, err))
	return &refusal{st, runtime.HTTPStatusFromCode(st.Code())}
}

// answerError implements runtime.ErrorHandlerFunc.
func answerError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	told := refusalOf(ctx, err)
	exchangeOf(ctx).cause = err
	told.write(w)
}

// lastWords implements runtime.StreamErrorHandlerFunc: what a stream ends with that does not end well. One that has not begun is refused
// like any other call; the generated code would make a line of it.
func lastWords(ctx context.Context, err error) *status.Status {
	x, told := exchangeOf(ctx), refusalOf(ctx, err)
	x.told, x.cause = told.status, err
	if x.status == 0 {
		told.write(x)
		x.closed = true
	}
	return told.status
}

// write answers with the google.rpc.Status.
func (r *refusal) write(w http.ResponseWriter) {
	body, err := newCodec().Marshal(r.status.Proto())
	if err != nil { // a detail of a type that this program does not know
		bare := status.New(r.status.Code(), r.status.Message())
		body, _ = newCodec().Marshal(bare.Proto())
	}
	if x, ok := w.(*exchange); ok {
		x.told = r.status
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	switch r.http {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		header.Set("Retry-After", r.retryAfter())
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(r.http)
	_, _ = w.Write(append(body, '\n'))
}

// retryAfter is in whole seconds, at least one: clients that come back too early are refused again.
func (r *refusal) retryAfter() string {
	wait := retryAfter
	for _, detail := range r.status.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			wait = max(time.Second, info.GetRetryDelay().AsDuration())
		}
	}
	return strconv.Itoa(int(math.Ceil(wait.Seconds())))
}

// jsonNames gives the fields that a request broke the names which its sender knows them by.
func jsonNames(st *status.Status) *status.Status {
	told := st.Proto()
	for i, detail := range told.GetDetails() {
		bad := &errdetails.BadRequest{}
		if !detail.MessageIs(bad) || detail.UnmarshalTo(bad) != nil {
			continue
		}
		for _, violation := range bad.GetFieldViolations() {
			violation.Field = lowerCamel(violation.GetField())
		}
		if renamed, err := anypb.New(bad); err == nil {
			told.Details[i] = renamed
		}
	}
	return status.FromProto(told)
}

// lowerCamel turns the path of a field into JSON's: min_total.currency_code into minTotal.currencyCode.
func lowerCamel(path string) string {
	words := strings.Split(path, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
