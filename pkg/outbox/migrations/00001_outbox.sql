-- +goose Up
CREATE TABLE outbox (
    id        TEXT PRIMARY KEY,         -- of the message: its copies have the same
    topic     TEXT NOT NULL,
    metadata  TEXT NOT NULL,            -- JSON object of strings, as on the wire. Text, because nothing here looks into it
    payload   BYTEA NOT NULL,           -- the body in protobuf
    seq       BIGINT NOT NULL,          -- when it was taken in, in microseconds since 1970; increases strictly within a process
    due_at    BIGINT NOT NULL,          -- same unit: an unsent row belongs until then to whoever wrote or claimed it
    sent_at   TIMESTAMPTZ,              -- NULL: not known to be sent
    stream_id TEXT                      -- of its entry, each half padded to 20 digits: text order is stream order
);
-- What the sweeper looks for: almost always empty.
CREATE INDEX outbox_unsent ON outbox (seq, id) WHERE sent_at IS NULL;
-- What the loss check looks for: the newest recorded entry of a topic, and back from there.
CREATE INDEX outbox_recorded ON outbox (topic, stream_id) WHERE stream_id IS NOT NULL;
-- What retention looks for.
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- How far the loss check got: every entry of the topic up to this one was seen in its stream. No row: nothing was seen yet.
CREATE TABLE outbox_verified (
    topic      TEXT PRIMARY KEY,
    message_id TEXT NOT NULL,
    stream_id  TEXT NOT NULL
);
