CREATE OR REPLACE FUNCTION pms.unrealized_at(
    accounts text[],
    contract pms.instruments,
    size numeric,
    cost numeric,
    ends_at timestamptz,
    OUT unrealized numeric,
    OUT is_priced boolean
)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF accounts IS NULL AND ends_at > now() THEN
        -- Leg by leg, as the totals: rounding the sum might give another last digit.
        SELECT sum(f.unrealized_pnl), bool_and(f.unrealized_pnl IS NOT NULL)
        INTO unrealized, is_priced
        FROM pms.leg_figures(
            ARRAY(SELECT p.leg FROM pms.priced_legs p WHERE p.asset = contract.asset)
        ) f;
    ELSE
        unrealized := CASE WHEN size = 0 THEN 0 ELSE pms.contract_value(
            size,
            (
                SELECT m.mark_price
                FROM pms.price_at(
                    contract.asset,
                    CASE
                        WHEN ends_at > now() THEN 'infinity'
                        ELSE ends_at - interval '1 microsecond'
                    END
                ) m
            ),
            pms.multiplier_at(contract, ends_at - interval '1 microsecond'),
            contract.kind = 'inverse'
        ) END - cost;
        is_priced := unrealized IS NOT NULL;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.unrealized_at IS $$The unrealized PnL of a size just before a moment

At the newest price when the moment lies ahead. Null without a price.$$;

CREATE OR REPLACE FUNCTION pms.valued_pnl(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    since timestamptz,
    until timestamptz
)
RETURNS SETOF pms.pnl_boundary
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_step CONSTANT interval := ('1 ' || unit)::interval;
    v_first CONSTANT timestamp := date_trunc(unit, since AT TIME ZONE valued_pnl.time_zone);
    v_until CONSTANT timestamp := coalesce(until, 'infinity') AT TIME ZONE valued_pnl.time_zone;
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH flow AS MATERIALIZED (
        SELECT f.*
        FROM pms.pnl_flows(
            valued_pnl.accounts, valued_pnl.asset, unit, valued_pnl.time_zone, v_first, v_until
        ) f
    ),

    -- From the first entry to the present. A date that a zone has left out is no period.
    period AS MATERIALIZED (
        SELECT g.starts, b.starts_at, b.ends_at
        FROM (
            SELECT
                greatest(min(f.starts), v_first) AS first,
                greatest(max(f.starts), now() AT TIME ZONE valued_pnl.time_zone) AS last
            FROM flow f
        ) s
        CROSS JOIN LATERAL generate_series(s.first, date_trunc(unit, s.last), v_step) g (starts)
        CROSS JOIN LATERAL (
            SELECT
                pms.period_start(g.starts, valued_pnl.time_zone) AS starts_at,
                pms.period_start(g.starts + v_step, valued_pnl.time_zone) AS ends_at
        ) b
        WHERE b.starts_at < b.ends_at
            AND g.starts < v_until
    ),

    held AS (
        SELECT
            k.leg_id, k.asset, p.starts, p.starts_at, p.ends_at,
            f::pms.pnl_flow AS flow,
            sum(coalesce(f.size, 0)) OVER place AS size,
            sum(coalesce(f.cost, 0)) OVER place AS cost,
            sum(coalesce(f.realized - f.fees_paid + f.funding, 0)) OVER place AS cash
        FROM (
            SELECT f.leg_id, f.asset, min(f.starts) AS first FROM flow f GROUP BY f.leg_id, f.asset
        ) k
        INNER JOIN (
            SELECT p.starts, p.starts_at, p.ends_at FROM period p
            UNION ALL
            SELECT '-infinity', NULL, min(p.starts_at) FROM period p
        ) p ON k.first <= p.starts
        LEFT JOIN flow f ON k.leg_id = f.leg_id AND k.asset = f.asset AND p.starts = f.starts
        WINDOW place AS (PARTITION BY k.leg_id, k.asset ORDER BY p.starts)
    )

    SELECT
        h.leg_id, h.asset, i.settlement_currency, h.starts, h.starts_at, h.ends_at, h.flow, h.cash,
        coalesce(v.unrealized, 0),
        coalesce(r.rate, 0),
        v.is_priced AND (r.rate IS NOT NULL OR h.cash + v.unrealized = 0)
        AND NOT (i.is_assumed AND i.base_currency IS NULL)
    FROM held h
    INNER JOIN pms.instruments i ON h.asset = i.asset
    CROSS JOIN LATERAL pms.unrealized_at(
        valued_pnl.accounts, i, h.size, h.cost, h.ends_at
    ) v
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN i.settlement_currency = 'USDT' THEN 1
                ELSE pms.closing_rate(i.settlement_currency, h.ends_at)
            END AS rate
        -- As above.
        OFFSET 0
    ) r;
END
$$;

COMMENT ON FUNCTION pms.valued_pnl IS $$Legs at the end of each period, with what the period changed

Of accounts; null: assets over all accounts together, with leg_id 0. The state before the first
period is a row of its own, which starts at -infinity.$$;

CREATE OR REPLACE FUNCTION pms.restated_periods(
    accounts text[],
    asset text,
    unit text,
    time_zone text
)
RETURNS SETOF pms.restated_period
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        k.leg_id, l.asset, p.starts,
        max(r.recorded_at),
        sum(k.realized_pnl),
        coalesce(sum(k.realized_pnl * k.rate), 0),
        array_agg(DISTINCT r.restatement_id)
    FROM pms.restated_pnl r
    INNER JOIN pms.legs l ON r.leg_id = l.leg_id
    INNER JOIN pms.instruments i ON l.asset = i.asset
    CROSS JOIN LATERAL (
        SELECT date_trunc(unit, r.quarter_hour AT TIME ZONE restated_periods.time_zone) AS starts
    ) p
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN restated_periods.accounts IS NULL THEN 0 ELSE l.leg_id END AS leg_id,
            r.realized - r.fees_close + r.funding AS realized_pnl,
            CASE
                WHEN i.settlement_currency = 'USDT' THEN 1
                ELSE pms.closing_rate(
                    i.settlement_currency, r.quarter_hour + interval '15 minutes'
                )
            END AS rate
    ) k
    WHERE (restated_periods.accounts IS NULL OR l.account = ANY(restated_periods.accounts))
        AND (restated_periods.asset IS NULL OR l.asset = restated_periods.asset)
        -- Before its end a period was not published.
        AND r.recorded_at >= pms.period_start(
            p.starts + ('1 ' || unit)::interval, restated_periods.time_zone
        )
    GROUP BY k.leg_id, l.asset, p.starts;
END
$$;

COMMENT ON FUNCTION pms.restated_periods IS
$$What restatements changed in periods that had ended when they were recorded

By leg; over all accounts by asset, with leg_id 0.$$;

CREATE OR REPLACE FUNCTION pms.position_pnl(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL
)
RETURNS SETOF pms.position_period
LANGUAGE plpgsql
STABLE
-- Compiling the plan takes longer than most answers (ADR 0002).
SET jit = off
AS $$
BEGIN
    RETURN QUERY
    WITH compared AS (
        SELECT
            v.*,
            v.unrealized - coalesce(lag(v.unrealized) OVER place, 0) AS unrealized_change,
            v.unrealized * v.rate - coalesce(lag(v.unrealized * v.rate) OVER place, 0)
                AS unrealized_usdt,
            (v.cash + v.unrealized) * v.rate AS worth,
            (v.cash + v.unrealized) * v.rate
            - coalesce(lag((v.cash + v.unrealized) * v.rate) OVER place, 0) AS net_usdt,
            v.is_whole AND coalesce(lag(v.is_whole) OVER place, TRUE)
            AND coalesce((v.flow).is_rated, TRUE) AS complete
        FROM pms.valued_pnl(
            position_pnl.accounts, position_pnl.asset, unit, position_pnl.time_zone, since, until
        ) v
        WINDOW place AS (PARTITION BY v.leg_id, v.asset ORDER BY v.starts)
    ),

    summed AS (
        SELECT
            l.account,
            c.asset,
            l.mode,
            c.currency,
            c.starts,
            c.starts_at,
            c.ends_at,
            coalesce(sum((c.flow).realized), 0) AS realized,
            coalesce(sum((c.flow).fees_paid), 0) AS fees_paid,
            coalesce(sum((c.flow).fees_close), 0) AS fees_close,
            coalesce(sum((c.flow).funding), 0) AS funding,
            sum(c.unrealized_change) AS unrealized,
            coalesce(sum((c.flow).realized_usdt), 0) AS realized_usdt,
            coalesce(sum((c.flow).fees_paid_usdt), 0) AS fees_paid_usdt,
            coalesce(sum((c.flow).funding_usdt), 0) AS funding_usdt,
            sum(c.unrealized_usdt) AS unrealized_usdt,
            sum(c.net_usdt) AS net_usdt,
            sum(c.worth) AS worth,
            bool_and(c.complete) AS complete,
            max(r.restated_at) AS restated_at,
            sum(r.realized_pnl) AS restated_pnl,
            sum(r.realized_pnl_usdt) AS restated_usdt,
            coalesce(pms.concat_ids(r.restatements ORDER BY r.restatements), '{}')
                AS restatements
        FROM compared c
        LEFT JOIN pms.legs l ON c.leg_id = l.leg_id
        LEFT JOIN pms.restated_periods(
            position_pnl.accounts, position_pnl.asset, unit, position_pnl.time_zone
        ) r
            ON c.leg_id = r.leg_id AND c.asset = r.asset AND c.starts = r.starts
        WHERE c.starts > '-infinity'
        GROUP BY l.account, c.asset, l.mode, c.currency, c.starts, c.starts_at, c.ends_at
    )

    SELECT
        s.account, s.asset, s.mode, s.currency, s.starts::date, s.starts_at, s.ends_at,
        trim_scale(s.realized), trim_scale(s.fees_paid), trim_scale(s.funding),
        trim_scale(s.realized - s.fees_close + s.funding),
        trim_scale(s.unrealized),
        trim_scale(s.realized - s.fees_paid + s.funding + s.unrealized),
        trim_scale(s.realized_usdt), trim_scale(s.fees_paid_usdt), trim_scale(s.funding_usdt),
        trim_scale(s.unrealized_usdt),
        trim_scale(
            s.net_usdt - s.unrealized_usdt - s.realized_usdt + s.fees_paid_usdt - s.funding_usdt
        ),
        trim_scale(s.net_usdt), trim_scale(s.worth), s.complete,
        s.restated_at IS NOT NULL, s.restated_at, trim_scale(s.restated_pnl),
        trim_scale(s.restated_usdt), s.restatements
    FROM summed s
    ORDER BY s.starts, s.account, s.asset, s.mode;
END
$$;

COMMENT ON FUNCTION pms.position_pnl IS $$The profit and loss of positions by day, week or month

Of accounts; null: of each asset over all accounts together. Every period from the first entry to the
present, or of those the ones that overlap since and until. What entries did counts in the period of
their event time, exactly; unrealized PnL is valued at the end of each period.$$;
