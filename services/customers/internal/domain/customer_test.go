package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/customers/internal/domain"
)

const number = "+4915112345678"

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

func ada(t *testing.T, enabled bool) *domain.Customer {
	t.Helper()
	return domain.Restore(
		aggregate.Meta{ID: "ada", Version: 1, CreatedAt: monday, UpdatedAt: monday},
		domain.State{Name: "Ada", SmsNumber: number, Enabled: enabled})
}

func TestANewCustomerIsEnabled(t *testing.T) {
	c, err := domain.Register("ada", "Ada", number, monday)
	require.NoError(t, err)
	require.Equal(t, domain.State{Name: "Ada", SmsNumber: number, Enabled: true}, c.State())
	require.Equal(t, []domain.Event{domain.Registered}, c.Events())
	require.Equal(t, aggregate.Meta{ID: "ada", Version: 1, CreatedAt: monday, UpdatedAt: monday}, c.Meta())
	require.NoError(t, c.Authorize())
}

func TestACustomerNeedsANameAndANumber(t *testing.T) {
	for name, test := range map[string]struct{ name, number, field string }{
		"no name":           {"", number, "name"},
		"blank name":        {" \t", number, "name"},
		"no number":         {"Ada", "", "sms_number"},
		"national number":   {"Ada", "015112345678", "sms_number"},
		"letters":           {"Ada", "+49CALLME", "sms_number"},
		"too short":         {"Ada", "+49151", "sms_number"},
		"more than 15":      {"Ada", "+1234567890123456", "sms_number"},
		"trailing new line": {"Ada", number + "\n", "sms_number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := domain.Register("ada", test.name, test.number, monday)
			refusal, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.Invalid, refusal.Kind)
			require.Equal(t, test.field, refusal.Fields[0].Name)
		})
	}
}

// Each state × each command: allowed, or refused with which reason.
func TestWhatACustomerMayDo(t *testing.T) {
	enable := func(c *domain.Customer) error { return c.Enable(tuesday) }
	disable := func(c *domain.Customer) error { return c.Disable(tuesday) }
	authorize := (*domain.Customer).Authorize
	for name, test := range map[string]struct {
		enabled bool
		do      func(*domain.Customer) error
		err     error
		events  []domain.Event
	}{
		"an enabled customer cannot be enabled":    {true, enable, domain.ErrAlreadyEnabled, nil},
		"an enabled customer can be disabled":      {true, disable, nil, []domain.Event{domain.Disabled}},
		"an enabled customer may order":            {true, authorize, nil, nil},
		"a disabled customer can be enabled":       {false, enable, nil, []domain.Event{domain.Enabled}},
		"a disabled customer cannot be disabled":   {false, disable, domain.ErrDisabled, nil},
		"a disabled customer may not order":        {false, authorize, domain.ErrDisabled, nil},
		"a disabled customer may change its phone": {false, func(c *domain.Customer) error { return c.ChangeSmsNumber("+1234567", tuesday) }, nil, []domain.Event{domain.SmsNumberChanged}},
	} {
		t.Run(name, func(t *testing.T) {
			c := ada(t, test.enabled)
			require.ErrorIs(t, test.do(c), test.err)
			require.Equal(t, test.events, c.Events())
			if test.events == nil {
				require.Equal(t, test.enabled, c.State().Enabled, "refused: nothing changes")
				require.EqualValues(t, 1, c.Meta().Version)
			} else {
				require.EqualValues(t, 2, c.Meta().Version)
				require.Equal(t, tuesday, c.Meta().UpdatedAt)
			}
		})
	}
}

func TestANewNumberReplacesTheOld(t *testing.T) {
	c := ada(t, true)
	require.NoError(t, c.ChangeSmsNumber("+12025550123", tuesday))
	require.Equal(t, "+12025550123", c.State().SmsNumber)
	require.Equal(t, []domain.Event{domain.SmsNumberChanged}, c.Events())
}

func TestTheSameNumberChangesNothing(t *testing.T) {
	c := ada(t, true)
	require.NoError(t, c.ChangeSmsNumber(number, tuesday))
	require.Empty(t, c.Events())
}

func TestABadNumberChangesNothing(t *testing.T) {
	c := ada(t, true)
	require.Error(t, c.ChangeSmsNumber("0151", tuesday))
	require.Equal(t, number, c.State().SmsNumber)
	require.Empty(t, c.Events())
}
