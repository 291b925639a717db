BEGIN;

ALTER TABLE pms.settings
ADD COLUMN event_retention interval NOT NULL DEFAULT '7 days',
ADD CONSTRAINT settings_event_retention_positive CHECK (event_retention > '0 seconds');

CREATE TABLE pms.event_log (
    number bigint NOT NULL,
    logged_at timestamptz NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    account text,
    asset text,
    payload jsonb NOT NULL,
    trace_id text,
    created_at timestamptz NOT NULL,

    CONSTRAINT event_log_pkey PRIMARY KEY (number, logged_at),
    CONSTRAINT event_log_number_positive CHECK (number > 0)
) PARTITION BY RANGE (logged_at);

CREATE TABLE
pms.event_log_default PARTITION OF pms.event_log DEFAULT;

-- A key that is bound to accounts reads their events alone.
CREATE INDEX event_log_account_idx ON pms.event_log (account, number);

-- Setting a sequence leaves no dead row behind, which a held snapshot would keep.
CREATE SEQUENCE pms.sent_events MINVALUE 0 START 0;

COMMENT ON SEQUENCE pms.sent_events IS
'The number up to which the broker has all events of the log.';

CREATE TABLE pms.event_log_epochs (
    follows bigint NOT NULL,
    epoch bigint NOT NULL,

    CONSTRAINT event_log_epochs_pkey PRIMARY KEY (follows)
);

CREATE TABLE pms.cursor_key (
    only_row boolean NOT NULL DEFAULT TRUE,
    secret bytea NOT NULL,

    CONSTRAINT cursor_key_pkey PRIMARY KEY (only_row),
    CONSTRAINT cursor_key_has_one_row CHECK (only_row)
);

INSERT INTO pms.cursor_key (secret)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- The relay sends no announcement that a newer one in the log replaces.
DROP INDEX pms.outbox_announcements_idx;

-- Numbers of the log begin with 1; those that wait from before stay in front, in their order.
ALTER TABLE pms.refused_events RENAME COLUMN sequence TO number;

UPDATE pms.refused_events r
SET number = r.number - m.newest
FROM (SELECT max(a.number) AS newest FROM pms.refused_events a) m;

COMMIT;
