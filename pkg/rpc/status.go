package rpc

import (
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/fault"
)

// FromStatus is the way back, for callers: a status that carries a fault of the mall becomes that *fault.Error again, with its fields;
// every other error is given back as it is. ToStatus(FromStatus(err)) tells the next client the same.
func FromStatus(err error) error {
	st, ok := peerStatus(err)
	if !ok {
		return err
	}
	kind := faultKind(st.Code())
	info := ourInfo(st)
	if kind == 0 || info == nil {
		return err
	}
	f := &fault.Error{Kind: kind, Reason: info.GetReason(), Message: st.Message()}
	for _, d := range st.Details() {
		bad, ok := d.(*errdetails.BadRequest)
		if !ok {
			continue
		}
		for _, v := range bad.GetFieldViolations() {
			f.Fields = append(f.Fields, fault.Field{Name: v.GetField(), Description: v.GetDescription()})
		}
	}
	return f
}

// Reason is the machine-readable reason of an error of the mall, be it a fault or a status with ErrorInfo of our domain; "" for others.
func Reason(err error) string {
	if f, ok := fault.As(err); ok && f != nil {
		return f.Reason
	}
	if st, ok := peerStatus(err); ok {
		return ourInfo(st).GetReason()
	}
	return ""
}

func faultKind(c codes.Code) fault.Kind {
	switch c {
	case codes.InvalidArgument:
		return fault.Invalid
	case codes.NotFound:
		return fault.NotFound
	case codes.FailedPrecondition:
		return fault.Refused
	case codes.Aborted:
		return fault.Conflict
	default:
		return 0
	}
}

// peerStatus is the status in err's chain. Not status.FromError: that puts the words of the wrapping errors, ours, into the message.
func peerStatus(err error) (*status.Status, bool) {
	var s interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &s) {
		return nil, false
	}
	st := s.GRPCStatus()
	return st, st.Code() != codes.OK
}

// ourInfo is the ErrorInfo of our domain, or nil.
func ourInfo(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain {
			return info
		}
	}
	return nil
}
