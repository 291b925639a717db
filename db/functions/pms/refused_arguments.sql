-- Deploy position_manager:functions/pms/refused_arguments to pg
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION pms.refused_arguments(objections jsonb)
RETURNS jsonb
LANGUAGE sql
AS $$
SELECT pms.refusal(
    400,
    'VALIDATION_ERROR',
    string_agg(o.key || ': ' || o.value, '; ' ORDER BY o.key),
    refused_arguments.objections
)
FROM jsonb_each_text(refused_arguments.objections) o
$$;

COMMENT ON FUNCTION pms.refused_arguments IS $$The answer to arguments that are out of their range

objections: of pms.arguments; each field is named with what it must be.$$;

COMMIT;
