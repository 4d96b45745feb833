package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/services/depot/internal/domain"
)

func bot(id, listID string) *domain.Bot {
	return domain.RestoreBot(aggregate.Meta{ID: id, Version: 1, CreatedAt: monday, UpdatedAt: monday}, domain.BotState{Name: "Robby", ListID: listID})
}

func idle(id string) *domain.Bot { return bot(id, "") }

func TestARegisteredBotIsIdle(t *testing.T) {
	b, err := domain.RegisterBot("bot", "Robby", monday)
	require.NoError(t, err)
	require.Equal(t, domain.BotState{Name: "Robby"}, b.State())
	require.Equal(t, domain.Idle, b.State().Status())
	require.Equal(t, []domain.BotStatus{domain.Idle}, b.Events())
	require.Equal(t, aggregate.Meta{ID: "bot", Version: 1, CreatedAt: monday, UpdatedAt: monday}, b.Meta())
}

func TestABotNeedsAName(t *testing.T) {
	for _, name := range []string{"", " \t", strings.Repeat("ü", 101)} {
		_, err := domain.RegisterBot("bot", name, monday)
		requireField(t, "name", err)
	}
	_, err := domain.RegisterBot("bot", strings.Repeat("ü", 100), monday)
	require.NoError(t, err)
}

func TestABotThatTakesAListIsBusyWithIt(t *testing.T) {
	l, b := list(domain.Available), idle("bot")
	require.NoError(t, domain.Assign(l, b, tuesday))
	require.Equal(t, "bot", l.State().BotID)
	require.Equal(t, "list", b.State().ListID)
	require.Equal(t, domain.Busy, b.State().Status())
	require.Equal(t, []domain.BotStatus{domain.Busy}, b.Events())
}

func TestABotThatIsBusyCannotBeAssigned(t *testing.T) {
	l, b := list(domain.Available), bot("bot", "another list")
	require.ErrorIs(t, domain.Assign(l, b, tuesday), domain.ErrBotBusy)
	require.Equal(t, list(domain.Available), l)
	require.Equal(t, bot("bot", "another list"), b)
}

func TestThatTheListIsGoneIsSaidBeforeThatTheBotIsBusy(t *testing.T) {
	require.ErrorIs(t, domain.Assign(list(domain.Canceled), bot("bot", "another list"), tuesday), domain.ErrListNotAvailable)
}

func TestTheListThatABotHasChangesNothingWhenAssignedAgain(t *testing.T) {
	l, b := list(domain.Assigned), bot("bot", "list")
	require.NoError(t, domain.Assign(l, b, tuesday))
	require.Equal(t, list(domain.Assigned), l)
	require.Equal(t, bot("bot", "list"), b)
}

func TestABotIsIdleWhenItsListEndsAndOnlyThen(t *testing.T) {
	b := bot("bot", "list")
	b.Release("another list", tuesday)
	require.Equal(t, bot("bot", "list"), b)
	b.Release("list", tuesday)
	require.Equal(t, domain.Idle, b.State().Status())
	require.Equal(t, []domain.BotStatus{domain.Idle}, b.Events())
	before := b.Meta()
	b.Release("list", tuesday)
	require.Equal(t, before, b.Meta(), "it was released already")
	b.Release("", tuesday)
	require.Equal(t, before, b.Meta())
}
