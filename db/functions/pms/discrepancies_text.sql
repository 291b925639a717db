-- Deploy position_manager:functions/pms/discrepancies_text to pg
-- requires: migrations/validation

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancies_text(found pms.discrepancy[])
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT string_agg(
    format(
        '%s of leg %s is %s, by the %s it is %s',
        d.field, d.leg, coalesce(d.stored, 'missing'), d.source, coalesce(d.expected, 'missing')
    ),
    '; ' ORDER BY d.ordinal
)
FROM unnest(discrepancies_text.found) WITH ORDINALITY
    AS d (source, leg, field, stored, expected, ordinal)
$$;

COMMENT ON FUNCTION pms.discrepancies_text IS 'Discrepancies in words; null when there is none.';

COMMIT;
