package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/cucumber/godog"
)

// tally counts how scenarios and their steps end.
type tally struct {
	passed, failed                        atomic.Int64
	stepsPassed, stepsFailed, stepsNotRun atomic.Int64
}

// scenario counts one scenario.
func (t *tally) scenario(sc *godog.ScenarioContext) {
	sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
		if err == nil {
			t.passed.Add(1)
		} else {
			t.failed.Add(1)
		}
		return ctx, nil
	})
	sc.StepContext().After(func(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, _ error) (context.Context, error) {
		switch status {
		case godog.StepPassed:
			t.stepsPassed.Add(1)
		case godog.StepSkipped:
			t.stepsNotRun.Add(1)
		default:
			t.stepsFailed.Add(1)
		}
		return ctx, nil
	})
}

func (t *tally) scenarios() int64 { return t.passed.Load() + t.failed.Load() }

// String implements fmt.Stringer.
func (t *tally) String() string {
	return fmt.Sprintf("features: %d scenarios passed, %d failed; %d steps passed, %d failed, %d not run",
		t.passed.Load(), t.failed.Load(), t.stepsPassed.Load(), t.stepsFailed.Load(), t.stepsNotRun.Load())
}
