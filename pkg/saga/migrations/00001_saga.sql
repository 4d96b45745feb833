-- +goose Up

-- sagas: one row per saga. Two sagas of different names may have the same id: create-order and cancel-order both use the order's.
CREATE TABLE sagas (
    name            TEXT NOT NULL,
    id              TEXT NOT NULL,
    state           TEXT NOT NULL,        -- running, compensating, completed, compensated
    step            TEXT NOT NULL,        -- its name, so that a release that puts in a step does not move the sagas under way
    data            JSONB NOT NULL,
    attempt         BIGINT NOT NULL,      -- how often the step's command has been sent
    command_id      TEXT NOT NULL,        -- the command whose reply is awaited; empty: refused, waits to be sent anew
    deadline_at     TIMESTAMPTZ,          -- NULL: ended
    version         BIGINT NOT NULL,
    failed_step     TEXT NOT NULL,
    failure_reason  TEXT NOT NULL,
    failure_message TEXT NOT NULL,
    correlation_id  TEXT NOT NULL,
    entries         BIGINT NOT NULL,      -- of its history
    created_at      TIMESTAMPTZ NOT NULL,
    step_at         TIMESTAMPTZ NOT NULL, -- when it came to the step: how long it has been stuck there
    updated_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, id)
);
CREATE INDEX sagas_due ON sagas (name, deadline_at, id) WHERE deadline_at IS NOT NULL;
CREATE INDEX sagas_newest ON sagas (created_at, name, id);

-- saga_history: what happened to each saga, for operators. Nothing is decided by it.
CREATE TABLE saga_history (
    name   TEXT NOT NULL,
    id     TEXT NOT NULL,
    seq    BIGINT NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    what   TEXT NOT NULL,
    step   TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (name, id, seq)
);
