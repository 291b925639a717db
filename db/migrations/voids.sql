-- Deploy position_manager:migrations/voids to pg
-- requires: migrations/entries

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

COMMENT ON TABLE pms.voids IS $$Entries that count no longer

Append-only, as the ledger itself: an entry counts from its recorded_at until that of its void.$$;
COMMENT ON COLUMN pms.voids.cause IS
'bust: it never should have been; correction: another entry stands for it.';
COMMENT ON COLUMN pms.voids.amendment IS 'The identity of the bust or correction.';
COMMENT ON COLUMN pms.voids.recorded_at IS 'Since when we know better.';

COMMIT;
