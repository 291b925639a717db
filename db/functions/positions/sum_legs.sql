-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
CREATE OR REPLACE FUNCTION pms.leg_figures(legs pms.priced_leg[])
RETURNS TABLE (
    account text,
    asset text,
    mode text,
    position_id uuid,
    multiplier numeric,
    is_inverse boolean,
    settlement_currency text,
    mark_price numeric,
    priced_at timestamptz,
    usdt_rate numeric,
    size numeric,
    cost numeric,
    market_value numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    fees_paid numeric,
    funding numeric,
    net_pnl numeric,
    opened_at timestamptz,
    closed_at timestamptz,
    unconverted_fees bigint,
    needs_review boolean,
    is_crossed boolean,
    updated_at timestamptz,
    last_snapshot_at timestamptz,
    created_at timestamptz,
    version bigint
)
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        l.account,
        l.asset,
        l.mode,
        l.position_id,
        l.multiplier,
        l.is_inverse,
        l.settlement_currency,
        l.mark_price,
        l.priced_at,
        l.usdt_rate,
        l.size,
        l.cost,
        l.market_value,
        l.market_value - l.cost AS unrealized_pnl,
        l.realized - l.fees_close + l.funding AS realized_pnl,
        l.fees_open + l.fees_close AS fees_paid,
        l.funding,
        l.realized + coalesce(l.market_value - l.cost, 0) - l.fees_open - l.fees_close + l.funding
            AS net_pnl,
        CASE WHEN l.size <> 0 THEN l.opened_at END AS opened_at,
        l.closed_at,
        l.unconverted_fees,
        l.needs_review,
        (l.leg = 'long' AND l.size < 0) OR (l.leg = 'short' AND l.size > 0) AS is_crossed,
        l.updated_at,
        l.last_snapshot_at,
        l.created_at,
        l.version
    FROM (
        SELECT
            g.*,
            CASE
                WHEN g.size = 0 THEN 0
                ELSE pms.contract_value(g.size, g.mark_price, g.multiplier, g.is_inverse)
            END AS market_value
        FROM unnest(legs) g
        -- Valued once for all figures that use it (ADR 0002).
        OFFSET 0  -- noqa: AM09
    ) l;
END;

COMMENT ON FUNCTION pms.leg_figures IS $$The figures of each leg, in its settlement currency

market_value and unrealized_pnl are null for an open leg without a price; net_pnl leaves them out.
is_crossed: the leg is on the wrong side. Source of the formulas: accounting.md, "Published
fields".$$;

GRANT EXECUTE ON FUNCTION pms.leg_figures
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.sum_legs(legs pms.priced_leg[])
RETURNS SETOF pms.position_figures
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        l.account,
        l.asset,
        l.mode,
        -- The legs agree in all that is the position's, the instrument's or the price's.
        (array_agg(l.position_id))[1] AS position_id,
        min(l.multiplier) AS multiplier,
        bool_and(l.is_inverse) AS is_inverse,
        min(l.settlement_currency) AS settlement_currency,
        min(l.mark_price) AS mark_price,
        min(l.priced_at) AS priced_at,
        min(l.usdt_rate) AS usdt_rate,
        pms.sum_few(l.size) AS size,
        -- A leg that crossed zero counts on the other side: size stays long - short.
        pms.sum_few(greatest(l.size, 0)) AS long_size,
        pms.sum_few(greatest(-l.size, 0)) AS short_size,
        pms.sum_few(l.cost) AS cost,
        pms.sum_few(abs(l.cost)) AS cost_basis,
        CASE WHEN bool_and(l.market_value IS NOT NULL) THEN pms.sum_few(l.market_value) END
            AS market_value,
        CASE WHEN bool_and(l.market_value IS NOT NULL) THEN pms.sum_few(abs(l.market_value)) END
            AS exposure,
        coalesce(pms.sum_few(l.unrealized_pnl), 0) AS unrealized_pnl,
        pms.sum_few(l.realized_pnl) AS realized_pnl,
        pms.sum_few(l.fees_paid) AS fees_paid,
        pms.sum_few(l.funding) AS funding,
        pms.sum_few(l.net_pnl) AS net_pnl,
        sum(l.unconverted_fees)::bigint AS unconverted_fees,
        count(*) FILTER (WHERE l.size <> 0) AS open_legs,
        min(l.opened_at) AS opened_at,
        max(l.closed_at) AS closed_at,
        bool_or(l.needs_review) AS needs_review,
        bool_or(l.is_crossed) AS is_crossed,
        max(l.updated_at) AS updated_at,
        max(l.last_snapshot_at) AS last_snapshot_at,
        min(l.created_at) AS created_at,
        sum(l.version)::bigint AS version
    FROM pms.leg_figures(legs) l  -- noqa: RF03
    GROUP BY l.account, l.asset, l.mode;
END;

COMMENT ON FUNCTION pms.sum_legs IS $$The positions that legs make, summed

Columns that are not read are not summed.$$;

GRANT EXECUTE ON FUNCTION pms.sum_legs
TO pms_reader, pms_trader, pms_operator, pms_analyst;
