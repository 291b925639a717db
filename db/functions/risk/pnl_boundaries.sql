CREATE OR REPLACE FUNCTION pms.period_ends(
    unit text,
    time_zone text,
    first timestamp,
    last timestamp,
    until timestamp
)
RETURNS SETOF pms.period_end
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_step CONSTANT interval := ('1 ' || unit)::interval;
BEGIN
    RETURN QUERY
    WITH period AS (
        SELECT
            row_number() OVER (ORDER BY g.starts)::integer AS ordinal, g.starts, b.starts_at,
            b.ends_at
        FROM generate_series(first, date_trunc(unit, last), v_step) g (starts)
        CROSS JOIN LATERAL (
            SELECT
                pms.period_start(g.starts, period_ends.time_zone) AS starts_at,
                pms.period_start(g.starts + v_step, period_ends.time_zone) AS ends_at
        ) b
        -- A date that a zone has left out is no period.
        WHERE b.starts_at < b.ends_at
            AND g.starts < period_ends.until
    )

    SELECT 0, '-infinity'::timestamp, NULL::timestamptz, min(p.starts_at) FROM period p
    UNION ALL
    SELECT p.ordinal, p.starts, p.starts_at, p.ends_at FROM period p;
END
$$;

COMMENT ON FUNCTION pms.period_ends IS
'The ends of the periods from one local time to another, of those that start before until.';

CREATE OR REPLACE FUNCTION pms.pnl_boundaries(
    accounts text[],
    asset text,
    part text,
    flows pms.pnl_flow[],
    ends pms.period_end[],
    shown_in text
)
RETURNS SETOF pms.pnl_boundary
LANGUAGE plpgsql
STABLE
-- A plan for any number of flows would be one for few.
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH leg AS MATERIALIZED (
        SELECT
            k.leg_id, k.asset, k.currency, k.is_in_doubt,
            s.account, s.shown_asset, s.mode,
            dense_rank() OVER (
                ORDER BY k.currency, s.shown_asset, s.account, s.mode
            )::integer AS row_group
        FROM (
            SELECT DISTINCT
                f.leg_id, f.asset, i.settlement_currency AS currency,
                i.is_assumed AND i.base_currency IS NULL AS is_in_doubt
            FROM unnest(flows) f
            INNER JOIN pms.instruments i ON f.asset = i.asset
        ) k
        LEFT JOIN pms.legs l ON part IN ('position', 'account') AND k.leg_id = l.leg_id
        CROSS JOIN LATERAL (
            SELECT
                l.account,
                CASE WHEN part IN ('position', 'asset') THEN k.asset END AS shown_asset,
                CASE WHEN part = 'position' THEN l.mode END AS mode
        ) s
    ),

    span AS (
        SELECT
            l.row_group, l.asset, l.currency, l.is_in_doubt, e.ordinal AS since,
            lead(e.ordinal, 1, cardinality(ends)) OVER place AS until,
            sum(f.size) OVER place AS size,
            sum(f.cost) OVER place AS cost,
            sum(f.realized - f.fees_paid + f.funding) OVER place AS cash
        FROM unnest(flows) f
        INNER JOIN leg l ON f.leg_id = l.leg_id AND f.asset = l.asset
        INNER JOIN unnest(ends) e ON f.starts = e.starts
        WINDOW place AS (PARTITION BY f.leg_id, f.asset ORDER BY e.ordinal)
    ),

    change AS MATERIALIZED (
        SELECT
            l.row_group, f.starts,
            sum(f.realized - f.fees_paid + f.funding) AS cash,
            (
                NULL, NULL, f.starts, sum(f.size), sum(f.cost), sum(f.realized), sum(f.fees_paid),
                sum(f.fees_close), sum(f.funding), sum(f.realized_usdt), sum(f.fees_paid_usdt),
                sum(f.funding_usdt), bool_and(f.is_rated)
            )::pms.pnl_flow AS flow
        FROM unnest(flows) f
        INNER JOIN leg l ON f.leg_id = l.leg_id AND f.asset = l.asset
        GROUP BY l.row_group, f.starts
    ),

    rate AS MATERIALIZED (
        SELECT c.currency, e.ordinal, pms.closing_rate(c.currency, e.ends_at, shown_in) AS rate
        FROM (SELECT DISTINCT l.currency FROM leg l) c
        CROSS JOIN unnest(ends) e
    )

    SELECT
        g.row_group, g.account, g.shown_asset, g.mode, g.currency,
        e.starts, e.starts_at, e.ends_at, c.flow,
        sum(coalesce(c.cash, 0)) OVER (PARTITION BY g.row_group ORDER BY e.ordinal),
        coalesce(w.unrealized, 0),
        coalesce(r.rate, 0),
        coalesce(w.is_priced AND (r.rate IS NOT NULL OR NOT w.needs_rate), TRUE)
    FROM (
        SELECT l.row_group, l.account, l.shown_asset, l.mode, l.currency, min(h.starts) AS first
        FROM change h
        INNER JOIN (
            SELECT DISTINCT l.row_group, l.account, l.shown_asset, l.mode, l.currency FROM leg l
        ) l ON h.row_group = l.row_group
        GROUP BY l.row_group, l.account, l.shown_asset, l.mode, l.currency
    ) g
    INNER JOIN unnest(ends) e ON g.first <= e.starts
    INNER JOIN rate r ON g.currency = r.currency AND e.ordinal = r.ordinal
    LEFT JOIN change c ON g.row_group = c.row_group AND e.starts = c.starts
    LEFT JOIN pms.span_worths(
        accounts, pnl_boundaries.asset,
        -- A leg that is flat in that currency needs neither price nor rate: it is worth its cash. So
        -- is an asset, unless legs are open that only cancel out: they are valued one by one.
        ARRAY(
            SELECT s::pms.pnl_span
            FROM span s
            WHERE (s.size, s.cost) <> (0, 0) OR s.currency <> shown_in OR s.is_in_doubt
                OR s.asset IN (
                    SELECT p.asset
                    FROM pms.positions p
                    WHERE accounts IS NULL AND p.size <> 0 AND NOT pms.is_book(p.account)
                )
        ),
        ends
    ) w ON g.row_group = w.row_group AND e.ordinal = w.ordinal;
END
$$;

COMMENT ON FUNCTION pms.pnl_boundaries IS $$The ends of periods, with what each period changed

accounts: null is all accounts together, valued by asset. part: as of pms.position_pnl.$$;
