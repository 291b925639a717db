-- Deploy position_manager:migrations/restatements to pg
-- requires: migrations/entries

BEGIN;

CREATE TABLE pms.restatements (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    cause text NOT NULL,
    earliest_at timestamptz NOT NULL,
    realized_pnl_before numeric NOT NULL,
    realized_pnl_after numeric NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT restatements_pkey PRIMARY KEY (account, id),
    CONSTRAINT restatements_cause_is_known
    CHECK (cause IN ('late', 'bust', 'correction', 'restore'))
);

CREATE INDEX restatements_leg_idx ON pms.restatements (account, asset, mode, leg, recorded_at);

COMMENT ON TABLE pms.restatements IS $$How the past of a leg was told anew

Written when an entry arrives that is older than one already folded in, or when one that was folded
in is voided, or when validation restores a row that was wrong.$$;
COMMENT ON COLUMN pms.restatements.earliest_at IS
'Event time of the oldest entry that came or went: what the leg was since then has changed.';
COMMENT ON COLUMN pms.restatements.realized_pnl_before IS
'Published realised PnL (gross - fees of closing + funding) before.';
COMMENT ON COLUMN pms.restatements.realized_pnl_after IS
'The same at the same entry, after: what came in order in the same batch is not in it.';

COMMIT;
