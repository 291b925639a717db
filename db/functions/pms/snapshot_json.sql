-- Deploy position_manager:functions/pms/snapshot_json to pg
-- requires: functions/pms/snapshot_position
-- requires: functions/pms/position_json
-- requires: functions/pms/time_text

BEGIN;

CREATE OR REPLACE FUNCTION pms.snapshot_json(s pms.snapshots)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (s).id,
    'position_id', (s).position_id,
    'account', (s).account,
    'asset', (s).asset,
    'mode', (s).mode,
    'snapshot_data', pms.position_json(pms.snapshot_position(s)),
    'created_at', pms.time_text((s).created_at)
);

COMMENT ON FUNCTION pms.snapshot_json IS $$A snapshot as the contract writes it

Source: contract.md, section 1, "Snapshot".$$;

COMMIT;
