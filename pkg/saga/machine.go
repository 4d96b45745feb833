package saga

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
)

// maxHistory is how many entries a saga's history takes of what repeats. A compensation that is refused for a week would add
// tens of thousands. Entries that change the state are always written; they are as many as there are steps.
const maxHistory = 200

// maxWords is how much of a failure's message is kept, in bytes.
const maxWords = 1000

// transition is one step of a saga's life, computed without a database: what becomes of its row, what is sent, what its history tells.
type transition[D any] struct {
	def        *Definition[D]
	backoff    func(attempt int) time.Duration
	replyTopic string
	now        time.Time

	saga    Saga
	data    D
	sent    []message.Outgoing
	entries []Entry
}

func (t *transition[D]) start() error {
	t.tell(Started, "", "")
	return t.forward(0)
}

// replied takes the reply to the awaited command.
func (t *transition[D]) replied(reply *sagav1.CommandReply) error {
	i, err := t.index()
	if err != nil {
		return err
	}
	step := t.def.Steps[i]
	switch outcome := reply.GetOutcome().(type) {
	case *sagav1.CommandReply_Succeeded:
		if t.saga.State == StateRunning && step.OnSuccess != nil {
			if err := step.OnSuccess(&t.data, outcome.Succeeded.GetData()); err != nil {
				return fmt.Errorf("taking the reply to step %s: %w", step.Name, err)
			}
		}
		t.tell(Succeeded, step.Name, "")
		if t.saga.State == StateRunning {
			return t.forward(i + 1)
		}
		return t.back(i - 1)
	case *sagav1.CommandReply_Failed:
		failure := Failure{Step: step.Name, Reason: outcome.Failed.GetReason(), Message: words(outcome.Failed.GetMessage())}
		if t.saga.State == StateRunning && !step.Retriable {
			t.tell(Failed, step.Name, failure.detail())
			return t.compensate(failure, i-1)
		}
		// There is no way but this one. The command is sent anew when the backoff is over.
		t.tellAgain(Failed, step.Name, failure.detail())
		t.saga.CommandID = ""
		t.saga.DeadlineAt = t.now.Add(t.backoff(t.saga.Attempt))
		return nil
	default:
		return fmt.Errorf("the reply to step %s has no outcome", step.Name)
	}
}

// timeUp is called when the deadline has passed.
func (t *transition[D]) timeUp() error {
	i, err := t.index()
	if err != nil {
		return err
	}
	step := t.def.Steps[i]
	if t.saga.CommandID != "" {
		t.tellAgain(DeadlinePassed, step.Name, "attempt "+strconv.Itoa(t.saga.Attempt))
		if !step.endless(t.saga.State) && t.saga.Attempt >= step.Attempts {
			return t.compensate(Failure{
				Step: step.Name, Reason: ReasonNoReply,
				Message: fmt.Sprintf("no reply to %s within %v, %d times", step.Name, step.Deadline, step.Attempts),
			}, i)
		}
	}
	var command *Command
	if t.saga.State == StateRunning {
		command = step.Action(t.data)
	} else {
		command = step.Compensation(t.data, t.saga.Failure)
	}
	if command == nil {
		return fmt.Errorf("step %s makes no command now, but did before", step.Name)
	}
	return t.send(step, command)
}

// forward sends the action of the next step that has one, from step i on.
func (t *transition[D]) forward(i int) error {
	for ; i < len(t.def.Steps); i++ {
		if step := t.def.Steps[i]; step.Action != nil {
			if command := step.Action(t.data); command != nil {
				t.enter(step)
				return t.send(step, command)
			}
		}
	}
	t.end(StateCompleted, Completed)
	return nil
}

// compensate turns the saga round.
func (t *transition[D]) compensate(failure Failure, from int) error {
	t.saga.State, t.saga.Failure = StateCompensating, failure
	t.tell(Compensating, failure.Step, failure.detail())
	return t.back(from)
}

// back sends the compensation of the next step that has one, from step i backwards.
func (t *transition[D]) back(i int) error {
	for ; i >= 0; i-- {
		if step := t.def.Steps[i]; step.Compensation != nil {
			if command := step.Compensation(t.data, t.saga.Failure); command != nil {
				t.enter(step)
				return t.send(step, command)
			}
		}
	}
	t.end(StateCompensated, Compensated)
	return nil
}

func (t *transition[D]) enter(step Step[D]) {
	t.saga.Step, t.saga.StepAt, t.saga.Attempt, t.saga.CommandID = step.Name, t.now, 0, ""
}

// send sends the command of the present step: under the id it was sent before, or, at first and after a refusal, under a new one.
func (t *transition[D]) send(step Step[D], command *Command) error {
	if command.Topic == "" || command.Body == nil {
		return fmt.Errorf("the command of step %s has no topic or no body", step.Name)
	}
	what := ActionSent
	if t.saga.State == StateCompensating {
		what = CompensationSent
	}
	t.saga.Attempt++
	if t.saga.CommandID == "" {
		t.saga.CommandID = id.Derived("saga", t.saga.Name, t.saga.ID, step.Name, string(what), strconv.Itoa(t.saga.Attempt))
	}
	wait := step.Deadline
	if step.endless(t.saga.State) {
		wait = max(wait, t.backoff(t.saga.Attempt))
	}
	t.saga.DeadlineAt = t.now.Add(wait)
	subject := command.Subject
	if subject == "" {
		subject = t.saga.ID
	}
	t.sent = append(t.sent, message.Outgoing{Topic: command.Topic, Body: command.Body, Meta: message.Meta{
		ID: t.saga.CommandID, Subject: subject, ReplyTo: t.replyTopic, CommandID: t.saga.CommandID,
		Saga: t.saga.Name, SagaID: t.saga.ID, SagaStep: step.Name,
	}})
	detail := message.TypeOf(command.Body) + " " + t.saga.CommandID
	if t.saga.Attempt == 1 {
		t.tell(what, step.Name, detail)
	} else {
		t.tellAgain(what, step.Name, detail)
	}
	return nil
}

func (t *transition[D]) end(state State, what What) {
	t.saga.State, t.saga.CommandID, t.saga.DeadlineAt = state, "", time.Time{}
	t.tell(what, "", t.saga.Failure.detail())
}

func (t *transition[D]) index() (int, error) {
	for i, step := range t.def.Steps {
		if step.Name == t.saga.Step {
			return i, nil
		}
	}
	return 0, fmt.Errorf("saga %s %s is at step %q, which this release does not have", t.saga.Name, t.saga.ID, t.saga.Step)
}

func (t *transition[D]) tell(what What, step, detail string) {
	t.saga.Entries++
	t.entries = append(t.entries, Entry{Seq: t.saga.Entries, At: t.now, What: what, Step: step, Detail: detail})
}

// tellAgain is tell for what can repeat without end.
func (t *transition[D]) tellAgain(what What, step, detail string) {
	if t.saga.Entries < maxHistory {
		t.tell(what, step, detail)
	}
}

func (f Failure) detail() string {
	if f == (Failure{}) {
		return ""
	}
	return f.Reason + ": " + f.Message
}

// words is a message as the database takes it: not too long, and without the NUL that Postgres refuses.
func words(s string) string {
	s = strings.ReplaceAll(s, "\x00", "")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "…"
	}
	return s
}
