-- Only adds.
BEGIN;

-- Not logged: after a crash it is empty, and the reader counts as waiting.
CREATE UNLOGGED TABLE pms.outbox_reader (
    only_row boolean NOT NULL DEFAULT TRUE,
    is_waiting boolean NOT NULL,

    CONSTRAINT outbox_reader_pkey PRIMARY KEY (only_row),
    CONSTRAINT outbox_reader_has_one_row CHECK (only_row)
);

COMMIT;
