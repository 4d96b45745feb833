package message

import "time"

// UnitTimeout, CloseTimeout and MaxBatch are limits that tests reach.
const (
	UnitTimeout  = unitTimeout
	CloseTimeout = closeTimeout
	MaxBatch     = maxBatch
)

// Waiting is how many messages lie in the lanes: a test that wants a batch of n holds a lane up until n wait.
func (c *Consumer) Waiting() (n int) {
	for _, lane := range c.lanes {
		n += len(lane)
	}
	return n
}

// Pause is pause.
func (p RetryPolicy) Pause(failures int) time.Duration { return p.pause(failures) }
