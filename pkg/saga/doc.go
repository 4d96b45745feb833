// Package saga carries a piece of business through several services, step by step, and undoes it in reverse order when a step is
// refused or does not answer.
//
// A saga is a value (Definition): a name, typed data, steps. An Orchestrator keeps one row per saga. Each transition is one unit of
// work: the row, the outgoing command, and the deadline, which is a column of the row. A crash therefore leaves a saga between two
// transitions, with its command in the outbox and its deadline in the table.
//
// # States
//
//	state         what happens                        then
//	running       the action is answered: succeeded   its data is taken; the next step with an action is sent; after the last: completed
//	              … failed                            compensating, from the step before: a refused step changed nothing
//	              … failed, the step is Retriable     sent anew, after a backoff
//	              the deadline passes                 sent again under the same id, up to Attempts
//	              … and the Attempts are used up      compensating, from this step: it is unknown whether it took effect
//	compensating  it is answered: succeeded           the compensation of the step before is sent; after step 0: compensated
//	              … failed                            sent anew, after a backoff
//	              the deadline passes                 sent again under the same id, after a backoff, for ever
//	completed     anything                            nothing
//	compensated   anything                            nothing
//
// A command is sent again under the same message id, which the receiver's inbox drops if it has handled the first copy (its reply is
// then on its way). A command that was refused and is to be tried anew gets a new id, or the inbox would drop it.
//
// A reply counts only if it names the saga, the step and the command that is awaited. All others change nothing, and are counted.
//
// # The pivot
//
// The last step that is not Retriable is the pivot: once it has succeeded, the saga only goes forward. A pivot that can't be undone must
// not be compensated on suspicion either (an order that was approved can't be rejected), so New wants its Attempts to be UntilAnswered.
//
// # What participants must do
//
// The compensation of an unknown step may arrive before its action. The participant keeps a tombstone, so that the late action is
// refused; and a compensation that finds nothing to undo succeeds. Only a rule of the business is answered as failed. An infrastructure
// error is no answer: the receiver tries again, and a saga is never compensated for it except by way of a deadline.
package saga
