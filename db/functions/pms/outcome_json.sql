-- Deploy position_manager:functions/pms/outcome_json to pg
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.outcome_json(o pms.outcome)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'ordinal', (o).ordinal,
    'outcome', (o).outcome,
    'reason', (o).reason,
    'detail', (o).detail,
    'trace_id', (o).trace_id
);

COMMENT ON FUNCTION pms.outcome_json IS 'The outcome of one message, as the API answers it.';

COMMIT;
