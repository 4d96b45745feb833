-- +goose Up
-- Which generations of the projection's rows there are: one row.
CREATE TABLE projections (
    name           TEXT PRIMARY KEY,
    active         BIGINT NOT NULL,
    building       BIGINT NOT NULL,
    building_until TIMESTAMPTZ,
    last           BIGINT NOT NULL
);
INSERT INTO projections (name, active, building, last) VALUES ('orders', 1, 0, 1);
-- The journal: every event about orders. The foreign key is a lock: to insert a row, Postgres locks the referenced one against
-- SELECT … FOR UPDATE until the unit of work ends, but not against others that insert. So who changes the generations waits for those who
-- have read them, and these do not wait for each other.
CREATE TABLE order_events (
    order_id    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    type        TEXT NOT NULL,
    payload     BYTEA NOT NULL,
    projection  TEXT NOT NULL REFERENCES projections (name),
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (order_id, version)
);
-- The projection, in one or two generations.
CREATE TABLE orders (
    generation        BIGINT NOT NULL,
    id                TEXT NOT NULL,
    version           BIGINT NOT NULL,
    customer_id       TEXT NOT NULL,
    items             TEXT NOT NULL, -- as they are shown: JSON, which may hold what JSONB refuses
    folded_names      TEXT NOT NULL, -- of stores and products, each on a line; see people.Fold
    currency_code     TEXT NOT NULL,
    total_minor_units BIGINT NOT NULL,
    status            TEXT NOT NULL,
    reject_reason     TEXT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (generation, id)
);
CREATE INDEX orders_newest ON orders (generation, created_at, id);
CREATE INDEX orders_customer ON orders (generation, customer_id, created_at, id);
CREATE INDEX orders_status ON orders (generation, status, created_at, id);
CREATE INDEX orders_total ON orders (generation, total_minor_units);
-- What orders are found by; see orders.items for what is shown of them.
CREATE TABLE order_items (
    generation BIGINT NOT NULL,
    order_id   TEXT NOT NULL,
    product_id TEXT NOT NULL,
    store_id   TEXT NOT NULL,
    PRIMARY KEY (generation, order_id, product_id),
    FOREIGN KEY (generation, order_id) REFERENCES orders (generation, id) ON DELETE CASCADE
);
CREATE INDEX order_items_product ON order_items (generation, product_id, order_id);
CREATE INDEX order_items_store ON order_items (generation, store_id, order_id);
