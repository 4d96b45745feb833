// Package fault is the one typed error of the business rules: what kind of refusal, for which machine-readable reason, in which words.
//
// A fault is an answer, not an accident: it goes to the caller as it is (a gRPC status in pkg/rpc, a failed reply of a command in
// pkg/message). Every other error is infrastructure and its text never leaves the process.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says how a fault is answered; pkg/rpc maps each to one gRPC status code.
type Kind uint8

// The kinds of fault.
const (
	// Invalid input: a field is missing, blank, too long or of the wrong form (INVALID_ARGUMENT).
	Invalid Kind = iota + 1
	// NotFound: no such aggregate (NOT_FOUND).
	NotFound
	// Refused by a rule of the state machine: repeat it and it is refused again until the state changes (FAILED_PRECONDITION).
	Refused
	// Conflict with concurrent changes after every retry: the caller may try the whole again (ABORTED).
	Conflict
)

// Error is a refusal. Two errors with the same Reason are the same to errors.Is, whatever their words.
type Error struct {
	Kind    Kind
	Reason  string // UPPER_SNAKE, stable: clients switch on it
	Message string // for people; names the field or the rule and the way out
	Fields  []Field
}

// Field is one broken field of an Invalid error.
type Field struct {
	Name        string // path in the request, e.g. "price.minor_units"
	Description string // what is wrong with it, e.g. "must not be negative"
}

// InvalidFieldReason is the reason of every error made by BadField.
const InvalidFieldReason = "INVALID_FIELD"

// BadField is an Invalid error of one field.
func BadField(name, description string) *Error {
	return &Error{
		Kind: Invalid, Reason: InvalidFieldReason, Message: name + " " + description,
		Fields: []Field{{Name: name, Description: description}},
	}
}

// BadFields is an Invalid error of several fields, or nil when there are none.
func BadFields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = f.Name + " " + f.Description
	}
	return &Error{Kind: Invalid, Reason: InvalidFieldReason, Message: strings.Join(words, "; "), Fields: fields}
}

// Missing says that an aggregate does not exist.
func Missing(reason, format string, args ...any) *Error {
	return &Error{Kind: NotFound, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Refuse says that a rule forbids the change in the present state.
func Refuse(reason, format string, args ...any) *Error {
	return &Error{Kind: Refused, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Is reports whether target is a fault with the same reason.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Reason == e.Reason
}

// As gives the fault in err's chain, if there is one.
func As(err error) (*Error, bool) {
	var f *Error
	ok := errors.As(err, &f)
	return f, ok
}
