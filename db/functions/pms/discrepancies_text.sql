-- Deploy position_manager:functions/pms/discrepancies_text to pg
-- requires: migrations/discrepancies

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancies_text(seen pms.discrepancies[])
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT string_agg(
    format(
        '%s of leg %s is %s, by the %s it is %s',
        d.field, d.leg, coalesce(d.ours, 'missing'),
        CASE d.kind
            WHEN 'rule' THEN 'rule'
            WHEN 'stored_row' THEN 'ledger'
            WHEN 'checkpoint' THEN 'ledger'
            ELSE 'venue'
        END,
        coalesce(d.theirs, 'missing')
    ),
    '; ' ORDER BY d.leg, d.kind, d.field
)
FROM unnest(seen) d
WHERE d.status = 'open'
$$;

COMMENT ON FUNCTION pms.discrepancies_text IS
'Discrepancies that are open, in words; null when none is.';

COMMIT;
