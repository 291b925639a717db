-- Deploy position_manager:functions/pms/discrepancies_json to pg
-- requires: migrations/validation

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancies_json(found pms.discrepancy[], is_fixed boolean)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    jsonb_agg(
        jsonb_build_object(
            'source', d.source,
            'leg', d.leg,
            'field', d.field,
            'stored', d.stored,
            'expected', d.expected,
            'fixed', discrepancies_json.is_fixed
        )
        ORDER BY d.ordinal
    ),
    '[]'
)
FROM unnest(discrepancies_json.found) WITH ORDINALITY
    AS d (source, leg, field, stored, expected, ordinal)
$$;

COMMENT ON FUNCTION pms.discrepancies_json IS 'Discrepancies as the validation answers them.';

COMMIT;
