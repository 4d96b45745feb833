-- +goose Up
CREATE TABLE people (
    id          TEXT PRIMARY KEY,
    version     BIGINT NOT NULL,
    name        TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    sms_number  TEXT NOT NULL
);
