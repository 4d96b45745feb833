package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/services/search/internal/domain"
)

func TestAnUnknownOrderIsNamed(t *testing.T) {
	refusal, ok := fault.As(domain.NotFound("42"))
	require.True(t, ok)
	require.Equal(t, fault.NotFound, refusal.Kind)
	require.Equal(t, "ORDER_NOT_FOUND", refusal.Reason)
	require.Contains(t, refusal.Message, "42")
}

func TestOrdersStandByTheTimeTheyWereCreatedAndTheirID(t *testing.T) {
	created := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	order := domain.Order{ID: "a", CreatedAt: created}
	require.Equal(t, domain.Place{CreatedAt: created, ID: "a"}, order.Place())
}
