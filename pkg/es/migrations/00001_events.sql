-- +goose Up
-- The primary key is the optimistic lock: of two units of work that append the same version, one fails and runs again.
CREATE TABLE events (
    aggregate_kind TEXT        NOT NULL,
    aggregate_id   TEXT        NOT NULL,
    version        BIGINT      NOT NULL,
    name           TEXT        NOT NULL,
    schema_version BIGINT      NOT NULL, -- of the form of data, per name
    data           JSONB       NOT NULL,
    recorded_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (aggregate_kind, aggregate_id, version)
);

-- A cache of the events: it may be emptied at any time.
CREATE TABLE snapshots (
    aggregate_kind TEXT        NOT NULL,
    aggregate_id   TEXT        NOT NULL,
    version        BIGINT      NOT NULL, -- the last event in it
    schema_version BIGINT      NOT NULL, -- of the form of state
    state          JSONB       NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL, -- of the aggregate's first event
    updated_at     TIMESTAMPTZ NOT NULL, -- of the event that version counts
    PRIMARY KEY (aggregate_kind, aggregate_id)
);
