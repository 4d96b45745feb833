-- +goose Up
CREATE TABLE bots (
    id         TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    list_id    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- Tombstones are rows here too: an order has one row at most, so that of its list and a tombstone, made at the same time, one gives way.
CREATE TABLE shopping_lists (
    id         TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    order_id   TEXT NOT NULL UNIQUE,
    stops      JSONB NOT NULL,
    bot_id     TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX shopping_lists_status ON shopping_lists (status, id);
CREATE INDEX shopping_lists_bot ON shopping_lists (bot_id, id);
