-- +goose Up
CREATE TABLE notifications (
    id          TEXT PRIMARY KEY,
    version     BIGINT NOT NULL,
    customer_id TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    sms_number  TEXT NOT NULL,
    text        TEXT NOT NULL,
    status      TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    due_at      TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ,
    failure     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (order_id, kind)
);
CREATE INDEX notifications_customer ON notifications (customer_id, id);
-- What is to be sent: few rows, however many there are in all.
CREATE INDEX notifications_due ON notifications (due_at, id) WHERE status = 'queued';
