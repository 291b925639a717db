CREATE OR REPLACE VIEW pms.pnl_accounts AS
SELECT
    a.account,
    ARRAY[a.account] AS members
FROM (
    SELECT p.account
    FROM pms.positions p
    WHERE p.version > 0
    UNION
    SELECT b.account
    FROM pms.cash_balances b
    WHERE b.entries > 0
) a
WHERE pms.in_scope(a.account);

COMMENT ON VIEW pms.pnl_accounts IS $$The accounts in scope that have PnL, or cash

members is what pms.period_pnl takes.$$;
