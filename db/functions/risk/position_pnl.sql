CREATE OR REPLACE FUNCTION pms.restated_periods(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    part text,
    shown_in text
)
RETURNS SETOF pms.restated_period
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        k.account, k.asset, k.mode, i.settlement_currency, k.starts,
        max(r.recorded_at),
        sum(k.realized_pnl),
        coalesce(sum(k.realized_pnl * k.rate), 0),
        array_agg(DISTINCT r.restatement_id)
    FROM pms.restated_pnl r
    INNER JOIN pms.legs l ON r.leg_id = l.leg_id
    INNER JOIN pms.instruments i ON l.asset = i.asset
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN part IN ('position', 'account') AND restated_periods.accounts IS NOT NULL
                    THEN l.account
            END AS account,
            CASE WHEN part IN ('position', 'asset') THEN l.asset END AS asset,
            CASE WHEN part = 'position' AND restated_periods.accounts IS NOT NULL THEN l.mode END
                AS mode,
            date_trunc(unit, r.quarter_hour AT TIME ZONE restated_periods.time_zone) AS starts,
            r.realized - r.fees_close + r.funding AS realized_pnl,
            pms.closing_rate(
                i.settlement_currency, r.quarter_hour + interval '15 minutes',
                restated_periods.shown_in
            ) AS rate
    ) k
    WHERE CASE
            WHEN restated_periods.accounts IS NULL THEN NOT pms.is_book(l.account)
            ELSE l.account = ANY(restated_periods.accounts)
        END
        AND (restated_periods.asset IS NULL OR l.asset = restated_periods.asset)
        -- Before its end a period was not published.
        AND r.recorded_at >= pms.period_start(
            k.starts + ('1 ' || unit)::interval, restated_periods.time_zone
        )
    GROUP BY k.account, k.asset, k.mode, i.settlement_currency, k.starts;
END
$$;

COMMENT ON FUNCTION pms.restated_periods IS
$$What restatements changed in periods that had ended when they were recorded

In the rows of pms.pnl_boundaries.$$;

CREATE OR REPLACE FUNCTION pms.position_pnl(
    accounts text[],
    asset text,
    unit text,
    time_zone text,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL,
    part text DEFAULT 'position',
    shown_in text DEFAULT 'USDT'
)
RETURNS SETOF pms.position_period
LANGUAGE plpgsql
STABLE
-- Compiling the plan takes longer than most answers (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_zone CONSTANT text := time_zone;
    v_first CONSTANT timestamp := date_trunc(unit, since AT TIME ZONE v_zone);
    v_until CONSTANT timestamp := coalesce(until, 'infinity') AT TIME ZONE v_zone;
    v_flows CONSTANT pms.pnl_flow[] := ARRAY(
        SELECT f FROM pms.pnl_flows(accounts, asset, unit, v_zone, v_first, v_until, shown_in) f
    );
    -- From the first entry to the present.
    v_ends CONSTANT pms.period_end[] := (
        SELECT ARRAY(
            SELECT e
            FROM pms.period_ends(
                unit, v_zone, greatest(min(f.starts), v_first),
                greatest(max(f.starts), now() AT TIME ZONE v_zone), v_until
            ) e
        )
        FROM unnest(v_flows) f
    );
BEGIN
    RETURN QUERY
    WITH compared AS (
        SELECT
            b.account, b.asset, b.mode, b.currency, b.starts, b.starts_at, b.ends_at,
            coalesce((b.flow).realized, 0) AS realized,
            coalesce((b.flow).fees_paid, 0) AS fees_paid,
            coalesce((b.flow).fees_close, 0) AS fees_close,
            coalesce((b.flow).funding, 0) AS funding,
            coalesce((b.flow).realized_usdt, 0) AS realized_usdt,
            coalesce((b.flow).fees_paid_usdt, 0) AS fees_paid_usdt,
            coalesce((b.flow).funding_usdt, 0) AS funding_usdt,
            b.unrealized - coalesce(lag(b.unrealized) OVER place, 0) AS unrealized,
            b.unrealized * b.rate - coalesce(lag(b.unrealized * b.rate) OVER place, 0)
                AS unrealized_usdt,
            (b.cash + b.unrealized) * b.rate AS worth,
            (b.cash + b.unrealized) * b.rate
            - coalesce(lag((b.cash + b.unrealized) * b.rate) OVER place, 0) AS net_usdt,
            b.is_whole AND coalesce(lag(b.is_whole) OVER place, TRUE)
            AND coalesce((b.flow).is_rated, TRUE) AS complete
        FROM pms.pnl_boundaries(
            position_pnl.accounts, position_pnl.asset, part, v_flows, v_ends, shown_in
        ) b
        WINDOW place AS (PARTITION BY b.row_group ORDER BY b.starts)
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
        r.restated_at IS NOT NULL, r.restated_at, trim_scale(r.realized_pnl),
        trim_scale(r.realized_pnl_usdt), coalesce(r.restatements, '{}')
    FROM compared s
    LEFT JOIN pms.restated_periods(
        position_pnl.accounts, position_pnl.asset, unit, v_zone, part, shown_in
    ) r
        ON s.currency = r.currency
            AND s.starts = r.starts
            AND (s.account, s.asset, s.mode) IS NOT DISTINCT FROM (r.account, r.asset, r.mode)
    WHERE s.starts > '-infinity'
    ORDER BY s.starts, s.account, s.asset, s.mode;
END
$$;

COMMENT ON FUNCTION pms.position_pnl IS $$The profit and loss of positions by day, week or month

Of accounts; null: of each asset over all accounts together. part: position, or the sums of each
asset, account or settlement currency, which cost far less. Every period from the first entry to
the present, or of those the ones that overlap since and until. What entries did counts in the
period of their event time, exactly; unrealized PnL is valued at the end of each period.
shown_in: the currency of the columns that end in _usdt.$$;
