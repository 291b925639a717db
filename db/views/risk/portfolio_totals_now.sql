CREATE OR REPLACE VIEW pms.portfolio_totals_now AS
WITH held AS (
    SELECT array_agg(h.leg) AS legs
    FROM pms.priced_legs h
    WHERE pms.in_scope(h.account)
)

SELECT t.*
FROM held a
CROSS JOIN LATERAL pms.portfolio_totals(a.legs) t;

COMMENT ON VIEW pms.portfolio_totals_now IS $$All totals over the current positions

Totals cover the accounts that the current key may see.$$;
