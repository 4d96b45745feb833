-- +goose Up
CREATE TABLE payments (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    customer_id   TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minor_units   BIGINT NOT NULL,
    status        TEXT NOT NULL,
    order_id      TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);
CREATE TABLE invoices (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    order_id      TEXT NOT NULL UNIQUE,
    customer_id   TEXT NOT NULL,
    payment_id    TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minor_units   BIGINT NOT NULL,
    status        TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX invoices_customer ON invoices (customer_id, id);
-- The orders of which it is decided whether they have an invoice: those that were ready have one, those that came to nothing before
-- never will.
CREATE TABLE decided_orders (
    order_id TEXT PRIMARY KEY
);
