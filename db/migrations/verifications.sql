-- Deploy position_manager:migrations/verifications to pg
-- requires: migrations/schemas

BEGIN;

CREATE TYPE pms.position_key AS (
    account text,
    asset text,
    mode text
);

COMMENT ON TYPE pms.position_key IS
'What names a position; the order in which all are gone through.';

CREATE TABLE pms.verifications (
    id bigint GENERATED ALWAYS AS IDENTITY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    positions bigint NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    discrepancies bigint NOT NULL DEFAULT 0,
    findings jsonb NOT NULL DEFAULT '[]',

    CONSTRAINT verifications_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE pms.verifications IS $$What folding the whole ledger again has found, run by run

A position is the fold of its entries: here is the proof that every stored row is, or where not.$$;
COMMENT ON COLUMN pms.verifications.finished_at IS 'Null: it runs, or was broken off.';
COMMENT ON COLUMN pms.verifications.findings IS 'The first 100 discrepancies.';

COMMIT;
