-- Deploy position_manager:migrations/snapshots to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.snapshots (
    account text NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    snapshot_data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT snapshots_pkey PRIMARY KEY (account, id)
);

CREATE INDEX snapshots_asset_newest_first_idx
ON pms.snapshots (account, asset, mode, created_at DESC, id);

COMMENT ON TABLE pms.snapshots IS 'What a position was at a moment, for analytics and training.';
COMMENT ON COLUMN pms.snapshots.snapshot_data IS
'Every field of the position, as the API gives it.';

COMMIT;
