package domain

import (
	"strings"
	"time"
	"unicode/utf8"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
)

// ErrBotBusy refuses to give a bot a second list.
var ErrBotBusy = fault.Refuse("BOT_BUSY", "the bot has another shopping list")

// BotNotFound says that there is no such bot.
func BotNotFound(id string) error { return fault.Missing("BOT_NOT_FOUND", "there is no bot %s", id) }

// BotStatus is what a bot does: idle ↔ busy. It is also the event: what happens to a bot is that it becomes idle or busy.
type BotStatus string

// The statuses.
const (
	Idle BotStatus = "idle" // it waits for a list
	Busy BotStatus = "busy" // it has a list
)

// BotState is what is known of a bot.
type BotState struct {
	Name   string // unique in the mall
	ListID string // the list that it has; empty while it is idle
}

// Status is what the bot does.
func (s BotState) Status() BotStatus {
	if s.ListID == "" {
		return Idle
	}
	return Busy
}

// Bot is a robot that collects shopping lists, one at a time.
type Bot struct {
	aggregate.Root[BotStatus]
	state BotState
}

// RegisterBot makes a bot known. It is idle.
func RegisterBot(id, name string, now time.Time) (*Bot, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	b := &Bot{Root: aggregate.New[BotStatus](id), state: BotState{Name: name}}
	b.Record(Idle, now)
	return b, nil
}

// RestoreBot gives the bot that was stored.
func RestoreBot(meta aggregate.Meta, state BotState) *Bot {
	return &Bot{Root: aggregate.Restored[BotStatus](meta), state: state}
}

// State is what is known of the bot now.
func (b *Bot) State() BotState { return b.state }

// Release makes the bot of a list that has ended idle. A bot that does not have this list goes on with what it does.
func (b *Bot) Release(listID string, now time.Time) {
	if b.state.Status() == Busy && b.state.ListID == listID {
		b.state.ListID = ""
		b.Record(Idle, now)
	}
}

// Assign gives an available list to an idle bot. The list that the bot has already changes nothing.
func Assign(l *ShoppingList, b *Bot, now time.Time) error {
	if l.state.Status == Assigned && l.state.BotID == b.ID() {
		return nil
	}
	if l.state.Status != Available {
		return ErrListNotAvailable
	}
	if b.state.Status() == Busy {
		return ErrBotBusy
	}
	l.state.BotID, b.state.ListID = b.ID(), l.ID()
	l.become(Assigned, now)
	b.Record(Busy, now)
	return nil
}

// maxName is the longest name, in characters: it has to fit on a robot.
const maxName = 100

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.BadField("name", "must not be blank")
	case utf8.RuneCountInString(name) > maxName:
		return fault.BadField("name", "must be at most 100 characters")
	}
	return nil
}
