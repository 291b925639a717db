-- Deploy position_manager:migrations/amendments to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.amendments (
    account text NOT NULL,
    identity text NOT NULL,
    amends text NOT NULL,
    cause text NOT NULL,
    side text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    executed_at timestamptz,
    amended_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    applied_at timestamptz,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT amendments_pkey PRIMARY KEY (account, identity),
    CONSTRAINT amendments_cause_is_known CHECK (cause IN ('bust', 'correction')),
    CONSTRAINT amendments_side_is_known CHECK (side IN ('buy', 'sell'))
);

CREATE INDEX amendments_entry_idx ON pms.amendments (account, amends);
-- Few: every batch asks whether one of its fills is waited for.
CREATE INDEX amendments_waiting_idx ON pms.amendments (account, amends)
WHERE applied_at IS NULL;

COMMENT ON TABLE pms.amendments IS $$Busts and corrections, as they came

What they did is in the ledger: voids, and entries that say what they amend. One that came before
its fill waits for it.$$;
COMMENT ON COLUMN pms.amendments.amends IS 'The identity of the entry it is about.';
COMMENT ON COLUMN pms.amendments.amended_at IS
'When the venue decided it: of several corrections of an entry the newest counts.';
COMMENT ON COLUMN pms.amendments.applied_at IS 'Null: it waits for its entry.';

COMMIT;
