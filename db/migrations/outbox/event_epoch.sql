-- Only adds.
BEGIN;

-- Milliseconds, so that the epoch of a later database is greater.
CREATE TABLE pms.event_epoch (
    only_row boolean NOT NULL DEFAULT TRUE,
    number bigint NOT NULL DEFAULT floor(extract(EPOCH FROM clock_timestamp()) * 1000),

    CONSTRAINT event_epoch_pkey PRIMARY KEY (only_row),
    CONSTRAINT event_epoch_has_one_row CHECK (only_row)
);

INSERT INTO pms.event_epoch DEFAULT VALUES;

COMMIT;
