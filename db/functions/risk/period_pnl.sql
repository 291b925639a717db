-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.concat_ids(ids anycompatiblearray) (
    sfunc = array_cat,
    stype = anycompatiblearray
);

COMMENT ON AGGREGATE pms.concat_ids(anycompatiblearray) IS 'Lists of ids as one list.';

-- In PL/pgSQL, which keeps the plan: an expression would have one of SQL planned each time.
CREATE OR REPLACE FUNCTION pms.capital_at(
    accounts text[],
    starts_at timestamptz,
    ends_at timestamptz
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(k.amount), 0)
        FROM (
            SELECT DISTINCT ON (c.account) c.amount
            FROM pms.capital c
            WHERE (capital_at.accounts IS NULL OR c.account = ANY(capital_at.accounts))
                AND c.effective_at < capital_at.ends_at
            ORDER BY
                c.account,
                c.effective_at > capital_at.starts_at,
                CASE
                    WHEN c.effective_at > capital_at.starts_at
                        THEN c.effective_at - capital_at.starts_at
                    ELSE capital_at.starts_at - c.effective_at
                END
        ) k
    );
END
$$;

COMMENT ON FUNCTION pms.capital_at IS $$The capital of accounts at the start of a period, in USDT

null: of all accounts. Of an account that got its first capital in the period, that one.$$;

CREATE OR REPLACE FUNCTION pms.sum_periods(accounts text[], parts pms.position_period[])
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
        trim_scale(o.equity),
        trim_scale(
            pms.capital_at(sum_periods.accounts, p.ends_at - interval '1 microsecond', p.ends_at)
            + p.closing_net_pnl
        ),
        CASE WHEN o.equity > 0 THEN trim_scale(pms.div_round(p.net_pnl, o.equity, 12)) END,
        p.complete,
        p.is_restated,
        p.restated_at,
        p.restated_pnl,
        ARRAY(SELECT r.id FROM unnest(p.restatements) r (id) ORDER BY r.id)
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
    CROSS JOIN LATERAL (
        SELECT
            pms.capital_at(sum_periods.accounts, p.starts_at, p.ends_at)
            + p.closing_net_pnl - p.net_pnl AS equity
    ) o
    ORDER BY p.period_start;
END
$$;

COMMENT ON FUNCTION pms.sum_periods IS $$The sum of the rows of pms.position_pnl, with the equity

accounts: as it was asked for them.$$;

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
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pms.sum_periods(period_pnl.accounts, ARRAY(
        SELECT n
        FROM pms.position_pnl(
            period_pnl.accounts, period_pnl.asset, period_pnl.unit,
            pms.resolve_time_zone(period_pnl.time_zone), period_pnl.since, period_pnl.until,
            by_position => FALSE
        ) n
    )) p;
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
