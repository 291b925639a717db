CREATE OR REPLACE VIEW pms.pnl_accounts AS
SELECT DISTINCT
    p.account,
    ARRAY[p.account] AS members
FROM pms.positions p
WHERE p.version > 0
    AND pms.in_scope(p.account);

COMMENT ON VIEW pms.pnl_accounts IS $$The accounts in scope that have PnL

members is what pms.period_pnl takes.$$;
