-- Deploy position_manager:functions/pms/count_validation to pg
-- requires: migrations/discrepancies
-- requires: migrations/validation

BEGIN;

CREATE OR REPLACE FUNCTION pms.count_validation(validation bigint, checks pms.checked[])
RETURNS pms.validations
LANGUAGE sql
AS $$
WITH counted AS (
    SELECT
        count(*) AS positions,
        coalesce(sum(cardinality(c.seen)), 0) AS discrepancies,
        coalesce(sum(f.fixes), 0) AS fixes,
        count(c.objection) AS errors
    FROM unnest(count_validation.checks) c
    CROSS JOIN LATERAL (
        SELECT count(*) AS fixes FROM unnest(c.seen) d WHERE d.status = 'fixed'
    ) f
),

total AS (
    UPDATE pms.validation_statistics s
    SET total_validations = s.total_validations + n.positions,
        total_discrepancies = s.total_discrepancies + n.discrepancies,
        total_fixes = s.total_fixes + n.fixes,
        total_errors = s.total_errors + n.errors
    FROM counted n
)

UPDATE pms.validations v
SET positions = v.positions + n.positions,
    discrepancies = v.discrepancies + n.discrepancies,
    fixes = v.fixes + n.fixes,
    errors = v.errors + n.errors
FROM counted n
WHERE v.id = count_validation.validation
RETURNING v.*
$$;

COMMENT ON FUNCTION pms.count_validation IS
'Add what some checks have found to a validation, and to the statistics; returns the validation.';

COMMIT;
