-- +goose Up
CREATE TABLE catalog_stores (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    name          TEXT NOT NULL,
    location      TEXT NOT NULL,
    participating BOOLEAN NOT NULL
);
CREATE TABLE catalog_products (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    store_id      TEXT NOT NULL,
    name          TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minor_units   BIGINT NOT NULL,
    removed       BOOLEAN NOT NULL
);
