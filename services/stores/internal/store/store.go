// Package store keeps stores and products as events, what they are now as rows, and stock and reservations as rows alone.
package store

import (
	"embed"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/app"
	"mallbots.example/services/stores/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of stores. The events are in those of es.Schema.
var Schema = store.NewSchema("stores", migrations)

// New gives all that stores keeps.
func New() app.Storage {
	return app.Storage{
		Stores:       es.NewRepository("store", func() *domain.Store { return &domain.Store{} }, domain.StoreCodec()),
		Products:     es.NewRepository("product", func() *domain.Product { return &domain.Product{} }, domain.ProductCodec()),
		Mall:         mall{},
		Catalog:      catalog{},
		Stock:        stock{},
		Reservations: reservations{},
	}
}
