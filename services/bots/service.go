// Package bots is the robot fleet of the mall: it collects the shopping lists that depot has, and is a client of depot and nothing else.
package bots

import (
	"errors"
	"fmt"
	"strings"
	"time"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/services/bots/internal/fleet"
)

// Settings are those of a fleet.
type Settings struct {
	// Count is how many bots this process runs: 0 to 1000.
	Count int `env:"MALLBOTS_BOTS_COUNT" envDefault:"2"`
	// Work is how long a bot takes to collect one list.
	Work time.Duration `env:"MALLBOTS_BOTS_WORK" envDefault:"250ms"`
	// NamePrefix names the bots, <prefix>-1, <prefix>-2, …. Two processes that run at the same time must differ in it; one that is started
	// again should have its old one, so that its bots go on with the lists that they had.
	NamePrefix string `env:"MALLBOTS_BOTS_NAME" envDefault:"bot"`
}

const (
	// maxCount bots of a process: each has a stream, and depot's server takes some thousands.
	maxCount = 1000
	// maxPrefix leaves room for the number in the 100 characters of a bot's name.
	maxPrefix = 90
)

// Validate names the first setting that can't be right.
func (s *Settings) Validate() error {
	switch {
	case s.Count < 0 || s.Count > maxCount:
		return fmt.Errorf("MALLBOTS_BOTS_COUNT must be from 0 to %d", maxCount)
	case s.Work < 0:
		return errors.New("MALLBOTS_BOTS_WORK must not be negative")
	case strings.TrimSpace(s.NamePrefix) == "" || len(s.NamePrefix) > maxPrefix:
		return fmt.Errorf("MALLBOTS_BOTS_NAME must not be blank and have at most %d bytes", maxPrefix)
	}
	return nil
}

// Service is the table of contents of bots.
func Service() service.Service {
	settings := &Settings{}
	return service.Service{
		Name:     "bots",
		Settings: settings,
		Build: func(rt *service.Runtime) error {
			if err := settings.Validate(); err != nil {
				return err
			}
			depot := depotv1.NewDepotServiceClient(rt.Peer("depot"))
			for n := range settings.Count {
				bot := fleet.NewBot(fmt.Sprintf("%s-%d", settings.NamePrefix, n+1), settings.Work, depot, rt.Log)
				rt.Go(bot.Name(), bot.Run)
			}
			return nil
		},
	}
}
