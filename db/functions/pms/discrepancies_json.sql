-- Deploy position_manager:functions/pms/discrepancies_json to pg
-- requires: functions/pms/discrepancy_json

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancies_json(seen pms.discrepancies[])
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    (
        SELECT jsonb_agg(pms.discrepancy_json(d) ORDER BY d.leg, d.kind, d.field)
        FROM unnest(seen) d
    ),
    '[]'
)
$$;

COMMENT ON FUNCTION pms.discrepancies_json IS 'Discrepancies as the validation answers them.';

COMMIT;
