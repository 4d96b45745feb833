// Package domain holds what search knows of orders, and what can be asked of it. It does no I/O.
package domain

import (
	"time"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// ErrRebuildRunning says that the projection is being built already.
var ErrRebuildRunning = fault.Refuse("REBUILD_RUNNING", "a rebuild is running already")

// NotFound says that there is no such order.
func NotFound(id string) error { return fault.Missing("ORDER_NOT_FOUND", "there is no order %s", id) }

// Status is where an order stands. It is stored: its values never change.
type Status string

// The statuses.
const (
	Pending    Status = "pending"
	Approved   Status = "approved"
	InProgress Status = "in_progress"
	Ready      Status = "ready"
	Completed  Status = "completed"
	Rejected   Status = "rejected"
	Canceling  Status = "canceling"
	Canceled   Status = "canceled"
)

// Item is a line of an order, as it was at checkout. It is stored as JSON: its names never change.
type Item struct {
	ProductID   string      `json:"product_id"`
	StoreID     string      `json:"store_id"`
	ProductName string      `json:"product_name"`
	StoreName   string      `json:"store_name"`
	Price       money.Money `json:"price"` // of one piece
	Quantity    int32       `json:"quantity"`
}

// Order is an order as it was told at one version. Of two with the same id, the one with the higher version is the newer. Its customer,
// items, total and time of creation are the same in all versions.
type Order struct {
	ID, CustomerID       string
	Items                []Item
	Total                money.Money
	Status               Status
	RejectReason         string // UPPER_SNAKE; empty unless rejected
	CreatedAt, UpdatedAt time.Time
	Version              int64
}

// Found is an order as people look for it.
type Found struct {
	Order
	CustomerName string // empty while it is not known here
}

// Place is where an order stands among all, newest first. No order has the zero Place.
type Place struct {
	CreatedAt time.Time
	ID        string
}

// Place is where the order stands.
func (o *Order) Place() Place { return Place{CreatedAt: o.CreatedAt, ID: o.ID} }
