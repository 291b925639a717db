-- Deploy position_manager:migrations/validation to pg
-- requires: migrations/schemas

BEGIN;

CREATE TYPE pms.discrepancy AS (
    source text,
    leg text,
    field text,
    stored text,
    expected text
);

COMMENT ON TYPE pms.discrepancy IS $$One thing in which a position is not what it should be

source: who says so, ledger (the fold of the entries), rule (an identity every position keeps) or
venue. stored and expected are written as the contract writes amounts and times.$$;

CREATE TYPE pms.folded_leg AS (
    leg text,
    entries bigint,
    latest_at timestamptz,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric,
    opened_at timestamptz,
    closed_at timestamptz
);

COMMENT ON TYPE pms.folded_leg IS 'What the entries of a leg amount to, folded from the first.';

-- Counted here because health and metrics must not cost more as the history grows.
CREATE TABLE pms.validation_statistics (
    only_row boolean NOT NULL DEFAULT TRUE,
    total_validations bigint NOT NULL DEFAULT 0,
    total_discrepancies bigint NOT NULL DEFAULT 0,
    total_fixes bigint NOT NULL DEFAULT 0,
    total_errors bigint NOT NULL DEFAULT 0,

    CONSTRAINT validation_statistics_pkey PRIMARY KEY (only_row),
    CONSTRAINT validation_statistics_has_one_row CHECK (only_row)
);

INSERT INTO pms.validation_statistics DEFAULT VALUES;

COMMENT ON TABLE pms.validation_statistics IS
'What validations found since the first deploy: one row.';
COMMENT ON COLUMN pms.validation_statistics.total_errors IS
'Validations that could not be made: the ledger of the position cannot be folded.';

COMMIT;
