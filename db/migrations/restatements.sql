-- Deploy position_manager:migrations/restatements to pg
-- requires: migrations/entries

BEGIN;

CREATE TABLE pms.restatements (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    earliest_at timestamptz NOT NULL,
    realized_before numeric NOT NULL,
    realized_after numeric NOT NULL,
    recorded_at timestamptz NOT NULL,

    CONSTRAINT restatements_pkey PRIMARY KEY (account, id)
);

COMMENT ON TABLE pms.restatements IS $$How the past of a leg was told anew

Written when an entry arrives that is older than one already folded in.$$;
COMMENT ON COLUMN pms.restatements.earliest_at IS
'Event time of the oldest late entry: what the leg was since then has changed.';
COMMENT ON COLUMN pms.restatements.realized_before IS
'Gross realised PnL before the late entries came.';
COMMENT ON COLUMN pms.restatements.realized_after IS
'Gross realised PnL of the whole leg folded again.';

COMMIT;
