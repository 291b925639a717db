CREATE OR REPLACE VIEW pms.portfolio_totals_now AS
WITH held AS (
    SELECT array_agg(h.leg) AS legs
    FROM pms.priced_legs h
    WHERE pms.in_scope(h.account)
)

SELECT t.*
FROM held a
CROSS JOIN LATERAL pms.portfolio_totals(a.legs) t;

COMMENT ON VIEW pms.portfolio_totals_now IS $$Every total over positions as they are now

Of the accounts in scope; the totals of all accounts are of these.$$;
