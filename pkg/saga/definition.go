package saga

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"mallbots.example/pkg/store"
)

// UntilAnswered as a step's Attempts says that the step never counts as unknown: its command is sent again, with backoff, until
// there is a reply.
const UntilAnswered = -1

// maxAttempts bounds Attempts: with more, a saga would hold what it reserved for longer than a customer waits.
const maxAttempts = 100

// Definition is a saga as a value. D is what it knows; it is kept as JSON, so a later release may add fields to it.
type Definition[D any] struct {
	// Name is in the table and in the headers of commands and replies: it must not change while sagas are under way.
	Name  string
	Steps []Step[D]
	// Done, if there is one, runs in the unit of work in which the saga ends. An error rolls that back.
	Done func(ctx context.Context, tx *store.Tx, data D, outcome Outcome) error
}

// Step is one step of a saga. Its functions must do nothing but compute: they run again when a unit of work does.
type Step[D any] struct {
	// Name is unique in the saga and, like the saga's, must not change while sagas are under way.
	Name string
	// Action makes the command of the step. A step without one is passed over on the way forward, and so is one whose Action gives nil.
	Action func(data D) *Command
	// Compensation makes the command that undoes the step. It is told what failed. It must not need what OnSuccess would have taken: the
	// step may be unknown. A step without one, or whose Compensation gives nil, has nothing to undo.
	Compensation func(data D, failure Failure) *Command
	// OnSuccess takes what the action's reply carries (nil if it carries nothing) into the saga's data; see Take.
	OnSuccess func(data *D, result *anypb.Any) error
	// Deadline is how long to wait for the reply to one sending.
	Deadline time.Duration
	// Attempts is how often the action is sent before the step counts as unknown; or UntilAnswered.
	Attempts int
	// Retriable says that the step is after the pivot: it is sent until it succeeds, and never compensated. All steps after it are, too.
	Retriable bool
}

// Command is what a step asks of a service.
type Command struct {
	// Topic is the receiving service's command stream.
	Topic string
	// Subject is the id of the aggregate that the command is about; empty: the saga's id.
	Subject string
	Body    proto.Message
}

// ReasonNoReply is the reason of the failure of a step that is unknown.
const ReasonNoReply = "NO_REPLY"

// Failure says why a saga is compensated.
type Failure struct {
	Step    string
	Reason  string // UPPER_SNAKE: from the reply, or ReasonNoReply
	Message string // for people
}

// Outcome is how a saga ended.
type Outcome struct {
	SagaID  string
	State   State   // StateCompleted or StateCompensated
	Failure Failure // of a compensated one
}

// Take makes an OnSuccess for a step whose reply carries a message M.
func Take[M proto.Message, D any](take func(data *D, result M)) func(*D, *anypb.Any) error {
	return func(data *D, result *anypb.Any) error {
		var zero M
		body := zero.ProtoReflect().New().Interface().(M)
		if err := result.UnmarshalTo(body); err != nil {
			return fmt.Errorf("the reply carries no %s: %w", body.ProtoReflect().Descriptor().FullName(), err)
		}
		take(data, body)
		return nil
	}
}

// validate refuses a definition that could leave a saga in doubt.
func (d Definition[D]) validate() error {
	if d.Name == "" {
		return errors.New("saga: a definition has no name")
	}
	names := map[string]bool{}
	pivot, retriable := -1, false
	for i, step := range d.Steps {
		err := step.validate()
		switch {
		case err != nil:
		case names[step.Name]:
			err = errors.New("there are two of that name")
		case retriable && !step.Retriable:
			err = errors.New("comes after a Retriable step and must be one: there is no way back")
		}
		if err != nil {
			return fmt.Errorf("saga %s, step %d %q: %w", d.Name, i, step.Name, err)
		}
		names[step.Name] = true
		retriable = step.Retriable
		if step.Action != nil && !step.Retriable {
			pivot = i
		}
	}
	if pivot < 0 && !retriable {
		return fmt.Errorf("saga %s: no step has an action", d.Name)
	}
	if pivot >= 0 && d.Steps[pivot].Compensation == nil && d.Steps[pivot].Attempts != UntilAnswered {
		return fmt.Errorf("saga %s, step %d %q: is the pivot and can't be undone, so it must not be given up: Attempts must be UntilAnswered",
			d.Name, pivot, d.Steps[pivot].Name)
	}
	return nil
}

func (s Step[D]) validate() error {
	switch {
	case s.Name == "":
		return errors.New("has no name")
	case s.Action == nil && s.Compensation == nil:
		return errors.New("has neither an action nor a compensation")
	case s.Action == nil && (s.Retriable || s.OnSuccess != nil || s.Attempts != 0):
		return errors.New("has no action: Retriable, OnSuccess and Attempts mean nothing")
	case s.Retriable && s.Compensation != nil:
		return errors.New("is Retriable and never compensated, but has a compensation")
	case s.Retriable && s.Attempts != 0:
		return errors.New("is Retriable and sent until it succeeds, but has Attempts")
	case s.Deadline < 0 || s.Deadline == 0 && s.Attempts > 0:
		return errors.New("needs a Deadline")
	case s.Action != nil && !s.Retriable && s.Attempts != UntilAnswered && (s.Attempts < 1 || s.Attempts > maxAttempts):
		return fmt.Errorf("needs Attempts from 1 to %d, or UntilAnswered", maxAttempts)
	}
	return nil
}

// endless reports whether the command that a saga awaits in state is sent until there is an answer.
func (s Step[D]) endless(state State) bool {
	return state == StateCompensating || s.Retriable || s.Attempts == UntilAnswered
}
