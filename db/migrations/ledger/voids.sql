BEGIN;

CREATE TABLE pms.voids (
    account text NOT NULL,
    entry_id bigint NOT NULL,
    cause text NOT NULL,
    amendment text NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT voids_pkey PRIMARY KEY (account, entry_id),
    CONSTRAINT voids_entry_fkey FOREIGN KEY (account, entry_id)
    REFERENCES pms.entries (account, id),
    CONSTRAINT voids_cause_is_known CHECK (cause IN ('bust', 'correction'))
);

COMMIT;
