-- Deploy position_manager:views/pms/portfolio_cube to pg
-- requires: views/pms/priced_legs
-- requires: functions/pms/portfolio_totals

BEGIN;

CREATE OR REPLACE VIEW pms.portfolio_cube AS
WITH held AS (
    SELECT array_agg(h.leg) AS legs
    FROM pms.priced_legs h
)

SELECT t.*
FROM held a
CROSS JOIN LATERAL pms.portfolio_totals(a.legs) t;

COMMENT ON VIEW pms.portfolio_cube IS 'Every total over positions as they are now';

COMMIT;
