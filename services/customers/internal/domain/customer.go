// Package domain holds the rules about customers. It does no I/O.
package domain

import (
	"regexp"
	"strings"
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
)

// Reasons for which a rule says no.
var (
	ErrAlreadyEnabled = fault.Refuse("CUSTOMER_ALREADY_ENABLED", "the customer is already enabled")
	ErrDisabled       = fault.Refuse("CUSTOMER_DISABLED", "the customer is disabled")
)

// NotFound says that there is no such customer.
func NotFound(id string) error {
	return fault.Missing("CUSTOMER_NOT_FOUND", "there is no customer %s", id)
}

// Event is what can happen to a customer.
type Event string

// The events.
const (
	Registered       Event = "registered"
	SmsNumberChanged Event = "sms number changed"
	Enabled          Event = "enabled"
	Disabled         Event = "disabled"
)

// State is what is known of a customer.
type State struct {
	Name      string
	SmsNumber string // E.164, e.g. +4915112345678
	Enabled   bool
}

// Customer shops in the mall.
type Customer struct {
	aggregate.Root[Event]
	state State
}

// Register makes a customer, who is enabled from the start.
func Register(id, name, smsNumber string, now time.Time) (*Customer, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := checkSmsNumber(smsNumber); err != nil {
		return nil, err
	}
	c := &Customer{Root: aggregate.New[Event](id), state: State{Name: name, SmsNumber: smsNumber, Enabled: true}}
	c.Record(Registered, now)
	return c, nil
}

// Restore gives the customer that was stored.
func Restore(meta aggregate.Meta, state State) *Customer {
	return &Customer{Root: aggregate.Restored[Event](meta), state: state}
}

// State is what is known of the customer now.
func (c *Customer) State() State { return c.state }

// ChangeSmsNumber says where the customer is reached from now on. The number they have changes nothing.
func (c *Customer) ChangeSmsNumber(smsNumber string, now time.Time) error {
	if err := checkSmsNumber(smsNumber); err != nil {
		return err
	}
	if smsNumber == c.state.SmsNumber {
		return nil
	}
	c.state.SmsNumber = smsNumber
	c.Record(SmsNumberChanged, now)
	return nil
}

// Enable lets a disabled customer shop again.
func (c *Customer) Enable(now time.Time) error {
	if c.state.Enabled {
		return ErrAlreadyEnabled
	}
	c.state.Enabled = true
	c.Record(Enabled, now)
	return nil
}

// Disable keeps a customer from placing orders; those under way go on.
func (c *Customer) Disable(now time.Time) error {
	if !c.state.Enabled {
		return ErrDisabled
	}
	c.state.Enabled = false
	c.Record(Disabled, now)
	return nil
}

// Authorize says whether the customer may place an order.
func (c *Customer) Authorize() error {
	if !c.state.Enabled {
		return ErrDisabled
	}
	return nil
}

func checkName(name string) error {
	if strings.TrimSpace(name) == "" {
		return fault.BadField("name", "must not be blank")
	}
	return nil
}

// e164 is the international form of telephone numbers: a plus and 7 to 15 digits (ITU-T E.164).
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func checkSmsNumber(number string) error {
	if !e164.MatchString(number) {
		return fault.BadField("sms_number", "must be in E.164 form, such as +4915112345678")
	}
	return nil
}
