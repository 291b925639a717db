CREATE OR REPLACE FUNCTION pms.pnl_flows(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    first timestamp,
    until timestamp,
    shown_in text
)
RETURNS SETOF pms.pnl_flow
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_since CONSTANT timestamptz := coalesce(
        pms.period_start(first, pnl_flows.time_zone), '-infinity'
    );
    v_begins_at CONSTANT timestamptz := pms.ledger_begins_at();
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH change AS MATERIALIZED (
        SELECT c.*
        FROM pms.pnl_changes(pnl_flows.accounts, pnl_flows.asset, v_since) c
    ),

    -- Looked up once for all assets (ADR 0002).
    rate AS MATERIALIZED (
        SELECT
            k.currency, k.quarter_hour,
            pms.closing_rate(
                k.currency, k.quarter_hour + interval '15 minutes', pnl_flows.shown_in
            ) AS rate
        FROM (
            SELECT DISTINCT i.settlement_currency AS currency, c.quarter_hour
            FROM change c
            INNER JOIN pms.instruments i ON c.asset = i.asset
            WHERE i.settlement_currency <> pnl_flows.shown_in
        ) k
    ),

    -- The present legs, less all changes since: the legs before first.
    opening AS (
        SELECT
            CASE WHEN pnl_flows.accounts IS NULL THEN 0 ELSE p.leg_id END AS leg_id,
            p.asset, sum(p.size) AS size, sum(p.cost) AS cost,
            sum(p.realized - p.fees_open - p.fees_close + p.funding) AS cash
        FROM pms.positions p
        WHERE v_since > '-infinity'
            AND CASE
                WHEN pnl_flows.accounts IS NULL THEN NOT pms.is_book(p.account)
                ELSE p.account = ANY(pnl_flows.accounts)
            END
            AND (pnl_flows.asset IS NULL OR p.asset = pnl_flows.asset)
        GROUP BY 1, 2
        HAVING bool_or(
            EXISTS (
                SELECT FROM pms.entries e WHERE e.leg_id = p.leg_id AND e.executed_at < v_since
            )
            -- It brought something forward from archived entries.
            OR v_begins_at > '-infinity' AND EXISTS (
                SELECT FROM pms.archived_pnl(p) c WHERE c.quarter_hour < v_since
            )
        )
    )

    SELECT
        c.leg_id, c.asset, b.starts, sum(c.size), sum(c.cost), sum(c.realized),
        sum(c.fees_open + c.fees_close), sum(c.fees_close), sum(c.funding),
        coalesce(sum(c.realized * r.rate), 0),
        coalesce(sum((c.fees_open + c.fees_close) * r.rate), 0),
        coalesce(sum(c.funding * r.rate), 0),
        bool_and(
            r.rate IS NOT NULL
            OR (c.realized, c.fees_open, c.fees_close, c.funding) = (0, 0, 0, 0)
        )
    FROM change c
    INNER JOIN pms.instruments i ON c.asset = i.asset
    CROSS JOIN LATERAL (
        SELECT
            date_trunc(unit, c.quarter_hour AT TIME ZONE pnl_flows.time_zone) AS starts
    ) b
    LEFT JOIN rate l ON i.settlement_currency = l.currency AND c.quarter_hour = l.quarter_hour
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN i.settlement_currency = pnl_flows.shown_in THEN 1 ELSE l.rate END AS rate
    ) r
    WHERE b.starts < pnl_flows.until
    GROUP BY c.leg_id, c.asset, b.starts
    UNION ALL
    SELECT
        o.leg_id, o.asset, '-infinity', o.size - coalesce(s.size, 0),
        o.cost - coalesce(s.cost, 0), o.cash - coalesce(s.cash, 0), 0, 0, 0, 0, 0, 0, TRUE
    FROM opening o
    LEFT JOIN (
        SELECT
            c.leg_id, c.asset, sum(c.size) AS size, sum(c.cost) AS cost,
            sum(c.realized - c.fees_open - c.fees_close + c.funding) AS cash
        FROM change c
        GROUP BY c.leg_id, c.asset
    ) s ON o.leg_id = s.leg_id AND o.asset = s.asset;
END
$$;

COMMENT ON FUNCTION pms.pnl_flows IS $$What entries changed in the period of their event time

Of the legs of accounts; null: of all accounts together, by asset, see pms.pnl_changes. first,
until: local times. A row that starts at -infinity is the state before first, with realized less
fees plus funding as realized. shown_in: the currency of the amounts in one. Costs as much as
there are quarter hours with entries since first.$$;
