-- +goose Up
-- What the events of each order add up to, written in the same unit of work, for reading: the truth is the table events. What never changes
-- of an order is written once.
CREATE TABLE orders (
    id                TEXT PRIMARY KEY,
    version           BIGINT NOT NULL,
    customer_id       TEXT NOT NULL,
    payment_id        TEXT NOT NULL,
    items             JSONB NOT NULL,
    currency_code     TEXT NOT NULL, -- of the total
    total_minor_units BIGINT NOT NULL,
    shopping_list_id  TEXT NOT NULL,
    invoice_id        TEXT NOT NULL,
    status            TEXT NOT NULL,
    reject_reason     TEXT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL
);

-- The orders of a customer, newest first.
CREATE INDEX orders_of_customer ON orders (customer_id, created_at, id);
