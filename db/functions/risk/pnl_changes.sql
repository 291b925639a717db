CREATE OR REPLACE FUNCTION pms.pnl_changes(accounts text[], asset text)
RETURNS SETOF pms.pnl_change
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF pnl_changes.accounts IS NULL THEN
        RETURN QUERY
        SELECT
            0, c.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close,
            c.funding
        FROM pms.asset_pnl c
        WHERE pnl_changes.asset IS NULL
            OR c.asset = pnl_changes.asset;
    ELSE
        RETURN QUERY
        SELECT
            c.leg_id, p.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open,
            c.fees_close, c.funding
        FROM pms.positions p
        INNER JOIN pms.leg_pnl c ON p.leg_id = c.leg_id
        WHERE p.account = ANY(pnl_changes.accounts)
            AND (pnl_changes.asset IS NULL OR p.asset = pnl_changes.asset);
    END IF;

    RETURN QUERY
    SELECT
        CASE WHEN pnl_changes.accounts IS NULL THEN 0 ELSE c.leg_id END,
        c.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close, c.funding
    FROM pms.unread_legs u
    CROSS JOIN LATERAL pms.unread_pnl(u.leg) n
    CROSS JOIN LATERAL unnest(n.changes) c
    WHERE (pnl_changes.accounts IS NULL OR u.account = ANY(pnl_changes.accounts))
        AND (pnl_changes.asset IS NULL OR u.asset = pnl_changes.asset);
END
$$;

COMMENT ON FUNCTION pms.pnl_changes IS $$What entries changed, by quarter hour of their event time

Of the legs of accounts; null: of all accounts together, by asset. A quarter hour may have several
rows: the stored changes, and those of entries that came since.$$;
