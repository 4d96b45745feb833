package saga_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store/storetest"
)

func TestADefinitionThatCouldLeaveASagaInDoubtIsRefused(t *testing.T) {
	action := createOrder().Steps[1].Action
	undo := createOrder().Steps[0].Compensation
	step := func(change func(s *saga.Step[order])) []saga.Step[order] {
		s := saga.Step[order]{Name: "s", Action: action, Compensation: undo, Deadline: deadline, Attempts: attempts}
		change(&s)
		return []saga.Step[order]{s}
	}
	with := func(steps ...[]saga.Step[order]) (all []saga.Step[order]) {
		for _, s := range steps {
			all = append(all, s...)
		}
		return all
	}
	good := step(func(*saga.Step[order]) {})
	goodToo := step(func(s *saga.Step[order]) { s.Name = "s2" })
	retriable := step(func(s *saga.Step[order]) { *s = saga.Step[order]{Name: "r", Action: action, Retriable: true} })
	for want, steps := range map[string][]saga.Step[order]{
		"no step has an action":              nil,
		"saga Test: no step has an action":   step(func(s *saga.Step[order]) { *s = saga.Step[order]{Name: "s", Compensation: undo} }),
		"has no name":                        step(func(s *saga.Step[order]) { s.Name = "" }),
		"two of that name":                   with(good, good),
		"comes after a Retriable step":       with(retriable, good),
		"neither an action nor":              step(func(s *saga.Step[order]) { *s = saga.Step[order]{Name: "s"} }),
		"has no action: Retriable":           step(func(s *saga.Step[order]) { s.Action = nil }),
		"but has a compensation":             step(func(s *saga.Step[order]) { s.Retriable, s.Attempts = true, 0 }),
		"but has Attempts":                   step(func(s *saga.Step[order]) { s.Retriable, s.Compensation = true, nil }),
		"needs a Deadline":                   step(func(s *saga.Step[order]) { s.Deadline = 0 }),
		"step 0 \"s\": needs a Deadline":     step(func(s *saga.Step[order]) { s.Deadline = -time.Second }),
		"needs Attempts from 1 to 100":       step(func(s *saga.Step[order]) { s.Attempts = 0 }),
		"needs Attempts from 1 to 100, or":   step(func(s *saga.Step[order]) { s.Attempts = 101 }),
		"step 1 \"s2\": needs Attempts":      with(good, step(func(s *saga.Step[order]) { s.Name, s.Attempts = "s2", -2 })),
		"step 0 \"s\": is the pivot":         with(step(func(s *saga.Step[order]) { s.Compensation = nil }), retriable),
		"step 1 \"s2\": is the pivot and ca": with(good, step(func(s *saga.Step[order]) { s.Name, s.Compensation = "s2", nil })),
	} {
		t.Run(want, func(t *testing.T) {
			_, err := saga.New(config(t), saga.Definition[order]{Name: "Test", Steps: steps})
			require.ErrorContains(t, err, want)
		})
	}
	for _, steps := range [][]saga.Step[order]{
		good, with(good, goodToo), with(good, retriable), retriable,
		step(func(s *saga.Step[order]) { s.Attempts, s.Deadline, s.Compensation = saga.UntilAnswered, 0, nil }),
	} {
		_, err := saga.New(config(t), saga.Definition[order]{Name: "Test", Steps: steps})
		require.NoError(t, err)
	}
	_, err := saga.New(config(t), saga.Definition[order]{Steps: good})
	require.ErrorContains(t, err, "no name")
}

func TestAnOrchestratorNeedsWhatItWorksWith(t *testing.T) {
	for _, broken := range []func(c *saga.Config){
		func(c *saga.Config) { c.Publisher = nil },
		func(c *saga.Config) { c.DB = nil },
		func(c *saga.Config) { c.ReplyTopic = "" },
		func(c *saga.Config) { c.MinBackoff = -1 },
		func(c *saga.Config) { c.MinBackoff = time.Hour },
		func(c *saga.Config) { c.OverdueAfter = -1 },
	} {
		cfg := config(t)
		broken(&cfg)
		_, err := saga.New(cfg, createOrder())
		require.ErrorContains(t, err, "saga CreateOrder: ")
	}
}

func config(t *testing.T) saga.Config {
	return saga.Config{Publisher: &bus{}, DB: storetest.Open(t), ReplyTopic: replyTopic}
}
