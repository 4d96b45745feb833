// Package store keeps baskets as the events that happened to them, and knows what products cost.
package store

import (
	"mallbots.example/pkg/es"
	"mallbots.example/services/baskets/internal/domain"
)

// NewBaskets keeps baskets; it implements app.Baskets.
func NewBaskets(options ...es.Option) *es.Repository[*domain.Basket] {
	return es.NewRepository("basket", func() *domain.Basket { return &domain.Basket{} }, domain.Codec(), options...)
}
