-- +goose Up
-- The mall: the stores as they are now. The truth are their events.
CREATE TABLE stores (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    name          TEXT NOT NULL,
    location      TEXT NOT NULL,
    participating BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX stores_participating ON stores (id) WHERE participating;

-- The catalog: the products as they are now, removed ones too. The truth are their events.
CREATE TABLE products (
    id            TEXT PRIMARY KEY,
    version       BIGINT NOT NULL,
    store_id      TEXT NOT NULL,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    sku           TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    minor_units   BIGINT NOT NULL,
    removed       BOOLEAN NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX products_sold ON products (store_id, id) WHERE NOT removed;
-- Removed products keep their sku.
CREATE UNIQUE INDEX products_sku ON products (store_id, sku) WHERE sku <> '';

-- Not part of the product: an order must not be a change of it. NULL is unlimited. The check only guards against mistakes of the program.
CREATE TABLE stock (
    product_id TEXT PRIMARY KEY,
    available  BIGINT CHECK (available >= 0)
);

CREATE TABLE reservations (
    order_id   TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    status     TEXT NOT NULL, -- held, released (perhaps before it was made: a tombstone), left
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- What a reservation took from limited stock, whatever became of it.
CREATE TABLE reservation_items (
    order_id   TEXT NOT NULL,
    product_id TEXT NOT NULL,
    quantity   BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, product_id)
);
