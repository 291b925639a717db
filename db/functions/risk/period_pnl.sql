-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.concat_ids(ids anycompatiblearray) (
    sfunc = array_cat,
    stype = anycompatiblearray
);

COMMENT ON AGGREGATE pms.concat_ids(anycompatiblearray) IS 'Lists of ids as one list.';

CREATE OR REPLACE FUNCTION pms.period_bases(accounts text[], parts pms.position_period[])
RETURNS pms.period_base[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_has_cash CONSTANT boolean := pms.has_cash(accounts);
BEGIN
    RETURN ARRAY(
        WITH period AS (
            SELECT DISTINCT
                n.starts_at, n.ends_at,
                n.starts_at - interval '1 microsecond' AS opened_at,
                pms.closing_moment(n.ends_at) AS closed_at
            FROM unnest(parts) n
        ),

        -- A period begins as the one before it ends.
        base AS MATERIALIZED (
            SELECT m.at, CASE WHEN v_has_cash THEN pms.equity_base(accounts, m.at) END AS equity
            FROM (SELECT p.opened_at AS at FROM period p UNION SELECT p.closed_at FROM period p) m
        )

        SELECT (
            p.starts_at,
            p.ends_at,
            pms.capital_at(accounts, p.starts_at, p.ends_at),
            pms.capital_at(accounts, p.ends_at - interval '1 microsecond', p.ends_at),
            o.equity,
            c.equity
        )::pms.period_base
        FROM period p
        INNER JOIN base o ON p.opened_at = o.at
        INNER JOIN base c ON p.closed_at = c.at
    );
END
$$;

COMMENT ON FUNCTION pms.period_bases IS
'What the equity of accounts is without their net PnL, in each period of rows of pms.position_pnl.';

CREATE OR REPLACE FUNCTION pms.cash_period(
    base pms.period_base,
    movements pms.equity_movement[],
    net_pnl numeric,
    closing_net_pnl numeric
)
RETURNS pms.cash_period
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    opening CONSTANT pms.equity_base := base.opening;
    closing CONSTANT pms.equity_base := base.closing;
    v_movements CONSTANT pms.equity_movement[] := ARRAY(
        SELECT m
        FROM unnest(movements) m
        WHERE m.at >= base.starts_at
            AND m.at <= pms.closing_moment(base.ends_at)
        ORDER BY m.at
    );
    period pms.cash_period;
BEGIN
    IF closing.cash IS NULL THEN
        RETURN NULL;
    END IF;

    period.opening_equity := trim_scale(opening.amount + closing_net_pnl - net_pnl);
    period.closing_equity := trim_scale(closing.amount + closing_net_pnl);
    SELECT trim_scale(coalesce(sum(m.flow), 0)), trim_scale(coalesce(sum(m.income), 0))
    INTO period.flows, period.interest
    FROM unnest(v_movements) m;
    period.conversion := trim_scale(
        closing.amount - opening.amount - period.flows - period.interest
    );
    period.complete := opening.missing = '{}' AND closing.missing = '{}';
    period.return_ratio := pms.time_weighted_return(
        period.opening_equity,
        CASE WHEN period.complete THEN period.closing_equity END,
        v_movements
    );
    RETURN period;
END
$$;

COMMENT ON FUNCTION pms.cash_period IS
$$The equity of accounts in a period and what cash did to it; null if none has cash at its end

movements: of pms.valued_movements, also those of other periods. net_pnl: of the period;
closing_net_pnl: of all time at its end.$$;

CREATE OR REPLACE FUNCTION pms.sum_periods(
    bases pms.period_base[],
    movements pms.equity_movement[],
    parts pms.position_period[]
)
RETURNS SETOF pms.pnl_period
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        p.period_start,
        p.starts_at,
        p.ends_at,
        p.net_pnl,
        p.realized,
        p.unrealized_pnl,
        p.fees_paid,
        p.funding,
        p.conversion,
        coalesce((k.cash).opening_equity, trim_scale(k.equity)),
        coalesce(
            (k.cash).closing_equity,
            trim_scale(b.closing_capital + p.closing_net_pnl)
        ),
        CASE
            WHEN (k.cash).flows IS NOT NULL THEN (k.cash).return_ratio
            -- Without capital the equity is earlier PnL alone.
            WHEN b.opening_capital > 0 AND k.equity > 0
                THEN trim_scale(pms.div_round(p.net_pnl, k.equity, 12))
        END,
        p.complete AND (k.cash).complete IS NOT FALSE,
        p.is_restated,
        p.restated_at,
        p.restated_pnl,
        ARRAY(SELECT r.id FROM unnest(p.restatements) r (id) ORDER BY r.id),
        (k.cash).flows,
        (k.cash).interest,
        (k.cash).conversion
    FROM (
        SELECT
            n.period_start,
            n.starts_at,
            n.ends_at,
            trim_scale(sum(n.net_pnl_usdt)) AS net_pnl,
            trim_scale(sum(n.realized_usdt)) AS realized,
            trim_scale(sum(n.unrealized_pnl_usdt)) AS unrealized_pnl,
            trim_scale(sum(n.fees_paid_usdt)) AS fees_paid,
            trim_scale(sum(n.funding_usdt)) AS funding,
            trim_scale(sum(n.conversion_usdt)) AS conversion,
            sum(n.closing_net_pnl_usdt) AS closing_net_pnl,
            bool_and(n.complete) AS complete,
            bool_or(n.is_restated) AS is_restated,
            max(n.restated_at) AS restated_at,
            trim_scale(sum(n.restated_realized_pnl_usdt)) AS restated_pnl,
            pms.concat_ids(n.restatements) AS restatements
        FROM unnest(sum_periods.parts) n
        GROUP BY n.period_start, n.starts_at, n.ends_at
    ) p
    INNER JOIN unnest(sum_periods.bases) b ON p.starts_at = b.starts_at AND p.ends_at = b.ends_at
    CROSS JOIN LATERAL (
        SELECT
            b.opening_capital + p.closing_net_pnl - p.net_pnl AS equity,
            CASE
                WHEN sum_periods.movements IS NOT NULL
                    THEN pms.cash_period(
                            b, sum_periods.movements, p.net_pnl, p.closing_net_pnl
                        )
            END AS cash
        -- Computed once, not by each column that reads it (ADR 0002).
        OFFSET 0
    ) k
    ORDER BY p.period_start;
END
$$;

COMMENT ON FUNCTION pms.sum_periods IS $$The sum of the rows of pms.position_pnl, with the equity

bases: of pms.period_bases, for these periods at least; movements: of pms.valued_movements.$$;

CREATE OR REPLACE FUNCTION pms.empty_periods(
    accounts text[],
    unit text,
    time_zone text,
    since timestamptz,
    until timestamptz
)
RETURNS pms.position_period[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_began_at CONSTANT timestamptz := (
        SELECT min(b.began_at) FROM pms.cash_beginnings(accounts, 'infinity') b
    );
BEGIN
    IF v_began_at IS NULL THEN
        RETURN ARRAY[]::pms.position_period[];
    END IF;

    RETURN ARRAY(
        SELECT (
            NULL, NULL, NULL, NULL, e.starts::date, e.starts_at, e.ends_at,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, TRUE, FALSE, NULL, NULL, NULL, '{}'
        )::pms.position_period
        FROM pms.period_ends(
            unit, empty_periods.time_zone,
            date_trunc(unit, greatest(v_began_at, since) AT TIME ZONE empty_periods.time_zone),
            now() AT TIME ZONE empty_periods.time_zone,
            coalesce(until, 'infinity') AT TIME ZONE empty_periods.time_zone
        ) e
        WHERE e.ordinal > 0
    );
END
$$;

COMMENT ON FUNCTION pms.empty_periods IS
$$The periods from the first cash entry of accounts on, without any profit or loss

Before the first entry of a position, cash alone is the equity. Arguments as of pms.position_pnl.$$;

-- SECURITY DEFINER: a view calls its functions with the rights of its readers, and readers
-- see neither the ledger nor this schema.
CREATE OR REPLACE FUNCTION pms.period_pnl(
    accounts text[],
    asset text,
    unit text,
    time_zone text DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL
)
RETURNS SETOF pms.pnl_period
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_zone CONSTANT text := pms.resolve_time_zone(time_zone);
    v_parts CONSTANT pms.position_period[] := ARRAY(
        SELECT n
        FROM pms.position_pnl(accounts, asset, unit, v_zone, since, until, part => 'currency') n
    )
    || pms.empty_periods(accounts, unit, v_zone, since, until);
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pms.sum_periods(
        pms.period_bases(accounts, v_parts),
        pms.valued_movements(accounts, asset),
        v_parts
    ) p;
END
$$;

COMMENT ON FUNCTION pms.period_pnl IS
$$The profit and loss of accounts by day, week or month, in USDT

Of accounts together; null: all accounts. asset: null is all assets; time_zone: null is that of the
settings. See pms.position_pnl.

Refuses with:
- 400 `unknown time zone`$$;

-- The views call it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.period_pnl TO pms_reader, pms_trader, pms_operator, pms_analyst;
