package redisstream

import "context"

// await gives the result of call, or ctx's error as soon as ctx is done. go-redis does not interrupt a command in progress when its
// context is canceled, so the call runs beside; once abandoned it ends within the client's own timeouts, and what it did is unknown.
func await[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if ctx.Done() == nil {
		return call(ctx)
	}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1) // the sender never waits, so an abandoned call leaves no goroutine behind
	go func() {
		value, err := call(ctx)
		done <- outcome{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
