CREATE OR REPLACE FUNCTION pms.closing_rate(currency text, ends_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN pms.rate_at(
        currency,
        CASE WHEN ends_at > now() THEN 'infinity' ELSE ends_at - interval '1 microsecond' END
    );
END
$$;

COMMENT ON FUNCTION pms.closing_rate IS $$USDT for one unit of a currency just before a moment

The newest rate when the moment lies ahead; null where none was known.$$;

CREATE OR REPLACE FUNCTION pms.position_pnl(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL
)
RETURNS SETOF pms.position_pnl
LANGUAGE plpgsql
STABLE
-- Compiling the plan takes longer than most answers (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_step CONSTANT interval := ('1 ' || unit)::interval;
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH change AS MATERIALIZED (
        SELECT
            c.*,
            i.settlement_currency AS currency,
            date_trunc(unit, c.quarter_hour AT TIME ZONE position_pnl.time_zone) AS starts
        FROM pms.pnl_changes(position_pnl.accounts, position_pnl.asset) c
        INNER JOIN pms.instruments i ON c.asset = i.asset
    ),

    -- From the first entry to the present.
    span AS (
        SELECT
            greatest(
                min(c.starts),
                date_trunc(unit, position_pnl.since AT TIME ZONE position_pnl.time_zone)
            ) AS first,
            least(
                greatest(
                    max(c.starts), date_trunc(unit, now() AT TIME ZONE position_pnl.time_zone)
                ),
                (position_pnl.until - interval '1 microsecond')
                AT TIME ZONE position_pnl.time_zone
            ) AS last
        FROM change c
    ),

    -- A date that a zone has left out is no period.
    period AS MATERIALIZED (
        SELECT p.*
        FROM (
            SELECT
                g.starts,
                pms.period_start(g.starts, position_pnl.time_zone) AS starts_at,
                pms.period_start(g.starts + v_step, position_pnl.time_zone) AS ends_at
            FROM span s
            CROSS JOIN LATERAL generate_series(s.first, s.last, v_step) g (starts)
        ) p
        WHERE p.starts_at < p.ends_at
    ),

    flow_rate AS MATERIALIZED (
        SELECT
            q.currency,
            q.quarter_hour,
            pms.closing_rate(q.currency, q.quarter_hour + interval '15 minutes') AS rate
        FROM (
            SELECT DISTINCT c.currency, c.quarter_hour
            FROM change c
            INNER JOIN span s ON c.starts >= s.first AND c.starts <= s.last
            WHERE c.currency <> 'USDT'
        ) q
    ),

    -- All that was before is one sum, without a period.
    summed AS (
        SELECT
            c.leg_id,
            c.asset,
            CASE WHEN c.starts < s.first THEN '-infinity' ELSE c.starts END AS starts,
            sum(c.size) AS size,
            sum(c.cost) AS cost,
            sum(c.realized) AS realized,
            sum(c.fees_open + c.fees_close) AS fees_paid,
            sum(c.fees_close) AS fees_close,
            sum(c.funding) AS funding,
            sum(c.realized * r.rate) AS realized_usdt,
            sum((c.fees_open + c.fees_close) * r.rate) AS fees_paid_usdt,
            sum(c.funding * r.rate) AS funding_usdt,
            bool_and(
                r.rate IS NOT NULL
                OR (c.realized, c.fees_open, c.fees_close, c.funding) = (0, 0, 0, 0)
            ) AS is_rated
        FROM span s
        INNER JOIN change c ON c.starts <= s.last
        LEFT JOIN flow_rate f ON c.currency = f.currency AND c.quarter_hour = f.quarter_hour
        CROSS JOIN LATERAL (SELECT CASE WHEN c.currency = 'USDT' THEN 1 ELSE f.rate END) r (rate)
        GROUP BY 1, 2, 3
    ),

    held AS (
        SELECT
            k.leg_id,
            k.asset,
            i.settlement_currency AS currency,
            i.multiplier,
            i.kind = 'inverse' AS is_inverse,
            b.starts,
            b.starts_at,
            b.ends_at,
            coalesce(u.realized, 0) AS realized,
            coalesce(u.fees_paid, 0) AS fees_paid,
            coalesce(u.fees_close, 0) AS fees_close,
            coalesce(u.funding, 0) AS funding,
            coalesce(u.realized_usdt, 0) AS realized_usdt,
            coalesce(u.fees_paid_usdt, 0) AS fees_paid_usdt,
            coalesce(u.funding_usdt, 0) AS funding_usdt,
            coalesce(u.is_rated, TRUE) AS is_rated,
            sum(coalesce(u.size, 0)) OVER place AS size,
            sum(coalesce(u.cost, 0)) OVER place AS cost,
            sum(coalesce(u.realized - u.fees_paid + u.funding, 0)) OVER place AS cash
        FROM (
            SELECT n.leg_id, n.asset, min(n.starts) AS first
            FROM summed n
            GROUP BY n.leg_id, n.asset
        ) k
        INNER JOIN pms.instruments i ON k.asset = i.asset
        INNER JOIN (
            SELECT p.starts, p.starts_at, p.ends_at FROM period p
            UNION ALL
            SELECT '-infinity', NULL, min(p.starts_at) FROM period p
        ) b ON k.first <= b.starts
        LEFT JOIN summed u ON k.leg_id = u.leg_id AND k.asset = u.asset AND b.starts = u.starts
        WINDOW place AS (PARTITION BY k.leg_id, k.asset ORDER BY b.starts)
    ),

    mark AS MATERIALIZED (
        SELECT o.asset, o.ends_at, m.mark_price
        FROM (SELECT DISTINCT h.asset, h.ends_at FROM held h WHERE h.size <> 0) o
        CROSS JOIN LATERAL pms.price_at(
            o.asset,
            CASE WHEN o.ends_at > now() THEN 'infinity' ELSE o.ends_at - interval '1 microsecond' END
        ) m
    ),

    rate AS MATERIALIZED (
        SELECT o.currency, o.ends_at, pms.closing_rate(o.currency, o.ends_at) AS rate
        FROM (SELECT DISTINCT h.currency, h.ends_at FROM held h WHERE h.currency <> 'USDT') o
    ),

    -- The sum of all accounts at present, leg by leg as the totals have it.
    present AS MATERIALIZED (
        SELECT
            p.asset,
            sum(f.unrealized_pnl) AS unrealized,
            bool_and(f.unrealized_pnl IS NOT NULL) AS is_priced
        FROM pms.priced_legs p
        CROSS JOIN LATERAL pms.leg_figures(ARRAY[p.leg]) f
        WHERE position_pnl.accounts IS NULL
            AND (position_pnl.asset IS NULL OR p.asset = position_pnl.asset)
        GROUP BY p.asset
    ),

    valued AS (
        SELECT
            h.*,
            v.unrealized,
            CASE WHEN h.currency = 'USDT' THEN 1 ELSE r.rate END AS rate,
            v.is_priced
        FROM held h
        LEFT JOIN mark m ON h.asset = m.asset AND h.ends_at = m.ends_at
        LEFT JOIN rate r ON h.currency = r.currency AND h.ends_at = r.ends_at
        LEFT JOIN present n ON h.asset = n.asset AND h.ends_at > now()
        CROSS JOIN LATERAL (
            SELECT
                CASE
                    WHEN n.asset IS NOT NULL THEN coalesce(n.unrealized, 0)
                    WHEN h.size = 0 THEN -h.cost
                    ELSE coalesce(
                        pms.contract_value(h.size, m.mark_price, h.multiplier, h.is_inverse)
                        - h.cost,
                        0
                    )
                END AS unrealized,
                CASE
                    WHEN n.asset IS NOT NULL THEN n.is_priced
                    ELSE h.size = 0 OR m.mark_price IS NOT NULL
                END AS is_priced
        ) v
    ),

    -- Without a rate an amount is left out, as of the totals.
    compared AS (
        SELECT
            v.*,
            coalesce(lag(v.unrealized) OVER place, 0) AS former_unrealized,
            (v.cash + v.unrealized) * coalesce(v.rate, 0) AS worth,
            coalesce(
                lag((v.cash + v.unrealized) * coalesce(v.rate, 0)) OVER place, 0
            ) AS former_worth,
            v.unrealized * coalesce(v.rate, 0) AS unrealized_usdt,
            coalesce(
                lag(v.unrealized * coalesce(v.rate, 0)) OVER place, 0
            ) AS former_unrealized_usdt,
            v.is_rated AND e.is_whole
            AND coalesce(lag(e.is_whole) OVER place, TRUE) AS complete
        FROM valued v
        CROSS JOIN LATERAL (
            SELECT
                v.is_priced AND (v.rate IS NOT NULL OR v.cash + v.unrealized = 0) AS is_whole
        ) e
        WINDOW place AS (PARTITION BY v.leg_id, v.asset ORDER BY v.starts)
    ),

    restated AS (
        SELECT
            k.leg_id,
            l.asset,
            p.starts,
            max(r.recorded_at) AS restated_at,
            sum(r.realized - r.fees_close + r.funding) AS realized_pnl,
            sum(
                (r.realized - r.fees_close + r.funding)
                * CASE
                    WHEN i.settlement_currency = 'USDT' THEN 1
                    ELSE pms.closing_rate(
                        i.settlement_currency, r.quarter_hour + interval '15 minutes'
                    )
                END
            ) AS realized_pnl_usdt,
            array_agg(DISTINCT r.restatement_id) AS restatements
        FROM pms.restated_pnl r
        INNER JOIN pms.legs l ON r.leg_id = l.leg_id
        INNER JOIN pms.instruments i ON l.asset = i.asset
        INNER JOIN period p
            ON r.quarter_hour >= p.starts_at AND r.quarter_hour < p.ends_at
            -- Before its end a period was not published.
            AND r.recorded_at >= p.ends_at
        CROSS JOIN LATERAL (
            SELECT CASE WHEN position_pnl.accounts IS NULL THEN 0 ELSE l.leg_id END AS leg_id
        ) k
        WHERE (position_pnl.accounts IS NULL OR l.account = ANY(position_pnl.accounts))
            AND (position_pnl.asset IS NULL OR l.asset = position_pnl.asset)
        GROUP BY k.leg_id, l.asset, p.starts
    )

    SELECT
        l.account,
        c.asset,
        l.mode,
        c.currency,
        c.starts::date,
        c.starts_at,
        c.ends_at,
        trim_scale(sum(c.realized)),
        trim_scale(sum(c.fees_paid)),
        trim_scale(sum(c.funding)),
        trim_scale(sum(c.realized - c.fees_close + c.funding)),
        trim_scale(sum(c.unrealized - c.former_unrealized)),
        trim_scale(sum(
            c.realized - c.fees_paid + c.funding + c.unrealized - c.former_unrealized
        )),
        trim_scale(sum(c.realized_usdt)),
        trim_scale(sum(c.fees_paid_usdt)),
        trim_scale(sum(c.funding_usdt)),
        trim_scale(sum(c.unrealized_usdt - c.former_unrealized_usdt)),
        trim_scale(sum(
            c.worth - c.former_worth - c.unrealized_usdt + c.former_unrealized_usdt
            - c.realized_usdt + c.fees_paid_usdt - c.funding_usdt
        )),
        trim_scale(sum(c.worth - c.former_worth)),
        trim_scale(sum(c.worth)),
        bool_and(c.complete),
        bool_or(r.restated_at IS NOT NULL),
        max(r.restated_at),
        trim_scale(sum(r.realized_pnl)),
        trim_scale(sum(r.realized_pnl_usdt)),
        ARRAY(
            SELECT DISTINCT x.id
            FROM unnest(array_agg(r.restatements::text)) t (ids)
            CROSS JOIN LATERAL unnest(t.ids::bigint[]) x (id)
            ORDER BY x.id
        )
    FROM compared c
    LEFT JOIN pms.legs l ON c.leg_id = l.leg_id
    LEFT JOIN restated r
        ON c.leg_id = r.leg_id AND c.asset = r.asset AND c.starts = r.starts
    WHERE c.starts > '-infinity'
    GROUP BY l.account, c.asset, l.mode, c.currency, c.starts, c.starts_at, c.ends_at
    ORDER BY c.starts, l.account, c.asset, l.mode;
END
$$;

COMMENT ON FUNCTION pms.position_pnl IS $$The profit and loss of positions by day, week or month

Of accounts; null: of each asset over all accounts together. Every period from the first entry to the
present, or of those the ones that overlap since and until. What entries did counts in the period of
their event time, exactly; unrealized PnL is valued at the end of each period.$$;
