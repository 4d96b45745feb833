package saga

import "context"

// FireDue is one round of RunTimers.
func (o *Orchestrator[D]) FireDue(ctx context.Context) error { return o.fireDue(ctx) }

// Route is what Replies registers.
var Route = route

const (
	MaxHistory   = maxHistory
	MaxWords     = maxWords
	MaxPage      = maxPage
	DefaultPage  = defaultPage
	TimersAtOnce = timersAtOnce
)
