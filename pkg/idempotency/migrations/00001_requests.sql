-- +goose Up

-- requests: the answers to requests that had a request_id, to give them again. A row is written in the unit of work that has the effect.
CREATE TABLE requests (
    id         TEXT PRIMARY KEY,       -- the request_id, in small letters
    method     TEXT NOT NULL,          -- /package.Service/Method; one id is one request, whatever the method
    hash       BYTEA NOT NULL,         -- of the request: SHA-256
    response   BYTEA NOT NULL,         -- protobuf
    created_at TIMESTAMPTZ NOT NULL
);
-- What retention looks for.
CREATE INDEX requests_created_at ON requests (created_at);
