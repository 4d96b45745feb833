-- +goose Up

-- inbox: the messages that have taken effect here, or have been taken over into deferred or dead_letters. A copy finds its id and is dropped.
CREATE TABLE inbox (
    message_id TEXT PRIMARY KEY,
    handled_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX inbox_handled_at ON inbox (handled_at);

-- deferred: messages whose handler failed and that are tried again at next_at.
CREATE TABLE deferred (
    message_id TEXT PRIMARY KEY,
    topic      TEXT NOT NULL,
    metadata   JSON NOT NULL,
    payload    BYTEA NOT NULL,
    attempts   BIGINT NOT NULL,
    error      TEXT NOT NULL,
    first_at   TIMESTAMPTZ NOT NULL,
    next_at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX deferred_next_at ON deferred (next_at);

-- dead_letters: messages that were tried as often as they may be, or that can't be read at all. They wait for an operator.
CREATE TABLE dead_letters (
    message_id TEXT PRIMARY KEY,
    topic      TEXT NOT NULL,
    metadata   JSON NOT NULL,
    payload    BYTEA NOT NULL,
    attempts   BIGINT NOT NULL,
    error      TEXT NOT NULL,
    stack      TEXT NOT NULL,
    first_at   TIMESTAMPTZ NOT NULL,
    failed_at  TIMESTAMPTZ NOT NULL
);
