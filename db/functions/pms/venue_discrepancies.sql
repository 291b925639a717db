-- Deploy position_manager:functions/pms/venue_discrepancies to pg
-- requires: functions/pms/decimal_text
-- requires: migrations/venue_positions
-- requires: migrations/positions
-- requires: migrations/settings
-- requires: migrations/validation

BEGIN;

CREATE OR REPLACE FUNCTION pms.venue_discrepancies(account text, asset text, mode text)
RETURNS SETOF pms.discrepancy
LANGUAGE sql
STABLE
AS $$
SELECT
    'venue', v.leg, 'size', pms.decimal_text(coalesce(p.size, 0)), pms.decimal_text(v.size)
FROM pms.venue_positions v
CROSS JOIN pms.settings s
LEFT JOIN pms.positions p
    ON v.account = p.account AND v.asset = p.asset AND v.mode = p.mode AND v.leg = p.leg
WHERE v.account = venue_discrepancies.account
    AND v.asset = venue_discrepancies.asset
    AND v.mode = venue_discrepancies.mode
    -- An older report does not know of our newest fill.
    AND v.reported_at > coalesce(p.last_executed_at, '-infinity')
    AND abs(v.size - coalesce(p.size, 0)) > s.size_validation_threshold
ORDER BY v.leg
$$;

COMMENT ON FUNCTION pms.venue_discrepancies IS $$Where the venue reports another size than ours

Only a report newer than every fill of its leg counts, and a difference strictly above
size_validation_threshold. Source: contract.md, "What conflicts mean".$$;

COMMIT;
