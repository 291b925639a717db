-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.pnl_changes(accounts text[], asset text, since timestamptz)
RETURNS SETOF pms.pnl_change
LANGUAGE sql
STABLE
AS $$
SELECT
    0 AS leg_id, c.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close,
    c.funding
FROM pms.instruments i
INNER JOIN pms.asset_pnl c ON i.asset = c.asset AND c.quarter_hour >= pnl_changes.since
WHERE pnl_changes.accounts IS NULL
    AND (pnl_changes.asset IS NULL OR i.asset = pnl_changes.asset)
UNION ALL
SELECT
    c.leg_id, p.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close,
    c.funding
FROM pms.positions p
INNER JOIN pms.leg_pnl c ON p.leg_id = c.leg_id AND c.quarter_hour >= pnl_changes.since
WHERE p.account = ANY(pnl_changes.accounts)
    AND (pnl_changes.asset IS NULL OR p.asset = pnl_changes.asset)
UNION ALL
SELECT
    CASE WHEN pnl_changes.accounts IS NULL THEN 0 ELSE c.leg_id END,
    c.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close, c.funding
FROM pms.unread_legs u
CROSS JOIN LATERAL pms.unread_pnl(u.leg) n
INNER JOIN LATERAL unnest(n.changes) c ON c.quarter_hour >= pnl_changes.since
WHERE CASE
        WHEN pnl_changes.accounts IS NULL THEN NOT pms.is_book(u.account)
        ELSE u.account = ANY(pnl_changes.accounts)
    END
    AND (pnl_changes.asset IS NULL OR u.asset = pnl_changes.asset)
$$;

COMMENT ON FUNCTION pms.pnl_changes IS
$$What entries changed since a moment, by quarter hour of their event time

Of the legs of accounts; null: of all accounts together, by asset: the stored changes, and those of
entries that came since.$$;

CREATE OR REPLACE FUNCTION pms.pnl_changes_as_of(
    accounts text[],
    asset text,
    at timestamptz,
    known_at timestamptz
)
RETURNS SETOF pms.pnl_change
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF pnl_changes_as_of.at < pms.ledger_begins_at() THEN
        PERFORM pms.raise_archived(pms.time_text(pnl_changes_as_of.at));
    END IF;

    RETURN QUERY
    SELECT
        s.leg_id, s.asset, pms.quarter_hour(s.executed_at),
        sum((s.state).size - (s.before).size),
        sum((s.state).cost - (s.before).cost),
        sum((s.state).realized - (s.before).realized),
        sum((s.state).fees_open - (s.before).fees_open),
        sum((s.state).fees_close - (s.before).fees_close),
        sum((s.state).funding - (s.before).funding)
    FROM (
        SELECT
            p.leg_id, p.asset, h.entry_id, h.executed_at, h.state,
            lag(h.state) OVER (PARTITION BY p.leg_id ORDER BY h.ordinal) AS before
        FROM pms.positions p
        CROSS JOIN LATERAL pms.leg_history(
            p.account, p.asset, p.mode, p.leg, '-infinity',
            least(
                pnl_changes_as_of.at, pnl_changes_as_of.known_at + pms.largest_clock_skew()
            ),
            pnl_changes_as_of.known_at
        ) h
        WHERE CASE
                WHEN pnl_changes_as_of.accounts IS NULL THEN NOT pms.is_book(p.account)
                ELSE p.account = ANY(pnl_changes_as_of.accounts)
            END
            AND (pnl_changes_as_of.asset IS NULL OR p.asset = pnl_changes_as_of.asset)
    ) s
    WHERE s.entry_id IS NOT NULL
    GROUP BY s.leg_id, s.asset, pms.quarter_hour(s.executed_at)
    UNION ALL
    -- Of archived entries the changes are stored; they were complete when they were archived.
    SELECT
        p.leg_id, p.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close,
        c.funding
    FROM pms.positions p
    CROSS JOIN LATERAL pms.archived_pnl(p) c
    WHERE CASE
            WHEN pnl_changes_as_of.accounts IS NULL THEN NOT pms.is_book(p.account)
            ELSE p.account = ANY(pnl_changes_as_of.accounts)
        END
        AND (pnl_changes_as_of.asset IS NULL OR p.asset = pnl_changes_as_of.asset);
END
$$;

COMMENT ON FUNCTION pms.pnl_changes_as_of IS
$$The same of all entries up to a moment, as they were known at one

Folds every leg from its first entry in the ledger.$$;
