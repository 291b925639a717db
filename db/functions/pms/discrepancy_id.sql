-- Deploy position_manager:functions/pms/discrepancy_id to pg
-- requires: functions/pms/position_id
-- requires: migrations/discrepancies

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancy_id(f pms.finding)
RETURNS uuid
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT pms.position_id(
    pms.position_id((f).account, (f).asset, (f).mode)::text, (f).leg, (f).kind || '/' || (f).field
)
$$;

COMMENT ON FUNCTION pms.discrepancy_id IS $$The id of a discrepancy: the same for ever

Made of account, asset, mode, leg, kind and field, as that of a position is of its key.$$;

COMMIT;
