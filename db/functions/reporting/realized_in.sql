CREATE OR REPLACE FUNCTION pms.realized_in(
    currency text,
    accounts text[],
    asset text,
    as_of timestamptz,
    known_at timestamptz
)
RETURNS SETOF pms.realized_amounts
LANGUAGE plpgsql
STABLE
-- As pms.position_pnl.
SET jit = off
AS $$
DECLARE
    v_at CONSTANT timestamptz := coalesce(as_of, 'infinity');
    v_known_at CONSTANT timestamptz := coalesce(known_at, 'infinity');
    v_is_present CONSTANT boolean := as_of IS NULL AND known_at IS NULL;
    v_staleness CONSTANT interval := (SELECT s.price_staleness_threshold FROM pms.settings s);
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH change AS MATERIALIZED (
        SELECT
            c.asset, c.quarter_hour,
            sum(c.realized - c.fees_close + c.funding) AS realized_pnl,
            sum(c.fees_open + c.fees_close) AS fees_paid,
            sum(c.fees_open) AS fees_open,
            sum(c.funding) AS funding
        FROM (
            SELECT n.*
            FROM pms.pnl_changes(realized_in.accounts, realized_in.asset, '-infinity') n
            WHERE v_is_present
            UNION ALL
            SELECT n.*
            FROM pms.pnl_changes_as_of(
                    realized_in.accounts, realized_in.asset, v_at, v_known_at
                ) n
            WHERE NOT v_is_present
        ) c
        WHERE (c.realized, c.fees_open, c.fees_close, c.funding) <> (0, 0, 0, 0)
        GROUP BY c.asset, c.quarter_hour
    ),

    settlement AS MATERIALIZED (
        SELECT
            a.asset, i.settlement_currency AS currency,
            pms.rate_at(i.settlement_currency, v_at, v_known_at) AS rate
        FROM (SELECT DISTINCT c.asset FROM change c) a
        CROSS JOIN LATERAL pms.instrument_at(a.asset, v_known_at) i
    ),

    rate AS MATERIALIZED (
        SELECT
            n.currency, n.quarter_hour, p.mark_price AS rate,
            NOT pms.is_fresh(p.priced_at, least(m.moment, v_known_at, now()), v_staleness)
                AS is_stale
        FROM (
            SELECT DISTINCT u.currency, c.quarter_hour
            FROM change c
            INNER JOIN settlement s ON c.asset = s.asset
            CROSS JOIN LATERAL unnest(ARRAY[s.currency, realized_in.currency]) u (currency)
            WHERE s.currency <> realized_in.currency
                AND u.currency <> 'USDT'
        ) n
        CROSS JOIN LATERAL pms.rate_asset(n.currency) r
        CROSS JOIN LATERAL (
            SELECT pms.closing_moment(n.quarter_hour + interval '15 minutes', v_at) AS moment
        ) m
        INNER JOIN LATERAL pms.price_at(r.asset, m.moment, v_known_at) p ON p.mark_price > 0
    ),

    rated AS (
        SELECT
            c.*, s.currency, s.rate AS present_rate,
            CASE
                WHEN s.currency = realized_in.currency THEN 1
                -- Not rounded to the places of an answer: the amounts are.
                ELSE pms.div_round(
                    CASE WHEN s.currency = 'USDT' THEN 1 ELSE f.rate END, t.rate, 30
                )
            END AS factor,
            s.currency NOT IN ('USDT', realized_in.currency) AND f.rate IS NULL AS lacks_own,
            s.currency <> realized_in.currency AND t.rate IS NULL AS lacks_asked,
            coalesce(f.is_stale, FALSE) AS is_own_stale,
            coalesce(t.is_stale, FALSE) AS is_asked_stale
        FROM change c
        INNER JOIN settlement s ON c.asset = s.asset
        LEFT JOIN rate f ON s.currency = f.currency AND c.quarter_hour = f.quarter_hour
        LEFT JOIN rate t
            ON s.currency <> realized_in.currency
                AND t.currency = realized_in.currency
                AND c.quarter_hour = t.quarter_hour
    )

    SELECT
        r.asset,
        coalesce(sum(r.realized_pnl * r.factor), 0),
        coalesce(sum(r.fees_paid * r.factor), 0),
        coalesce(sum(r.fees_open * r.factor), 0),
        coalesce(sum(r.funding * r.factor), 0),
        coalesce(sum(r.realized_pnl) FILTER (WHERE r.factor IS NOT NULL), 0) * r.present_rate,
        array_remove(ARRAY[
            CASE WHEN bool_or(r.lacks_own) THEN r.currency END,
            CASE WHEN bool_or(r.lacks_asked) THEN realized_in.currency END
        ], NULL),
        array_remove(ARRAY[
            CASE WHEN bool_or(r.is_own_stale) THEN r.currency END,
            CASE WHEN bool_or(r.is_asked_stale) THEN realized_in.currency END
        ], NULL)
    FROM rated r
    GROUP BY r.asset, r.currency, r.present_rate;
END
$$;

COMMENT ON FUNCTION pms.realized_in IS
$$The realized amounts of each asset in a currency, at the rates of when they were realized

Of accounts; null: of all accounts. asset: null is all assets. as_of, known_at: null is now. An
amount has the newest rate before the end of the quarter hour of its entry, as known at known_at.
Costs as much as there are quarter hours with entries, and at a point in time as all entries.$$;
