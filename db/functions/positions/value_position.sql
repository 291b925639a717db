-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
CREATE OR REPLACE FUNCTION pms.value_position(
    legs pms.priced_leg[],
    account_exposure numeric,
    at timestamptz,
    staleness interval
)
RETURNS TABLE (
    account text,
    id uuid,
    asset text,
    mode text,
    size numeric,
    average_entry_price numeric,
    current_price numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    long_size numeric,
    short_size numeric,
    unrealized_pnl_pct numeric,
    time_held_minutes bigint,
    position_size_norm numeric,
    cost_basis numeric,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    fees_paid numeric,
    funding numeric,
    net_pnl numeric,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    settlement_currency text,
    unconverted_fees bigint,
    price_status text,
    price_updated_at timestamptz,
    needs_review boolean,
    last_updated timestamptz,
    last_snapshot_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz,
    version bigint
)
LANGUAGE sql
STABLE
PARALLEL SAFE
ROWS 1
BEGIN ATOMIC
    WITH given AS (
        SELECT
            at AS moment,
            at - staleness AS stale_before,
            account_exposure AS whole
    ),

    -- The legs agree in all that is the position's, the instrument's or the price's.
    shared AS (
        SELECT (legs[1]).*
    ),

    summed AS (
        SELECT
            sum(l.size) AS size,
            -- A leg that crossed zero counts on the other side: size stays long - short.
            sum(greatest(l.size, 0)) AS long_size,
            sum(greatest(-l.size, 0)) AS short_size,
            sum(l.cost) AS cost,
            sum(abs(l.cost)) AS cost_basis,
            sum(l.market_value) AS market_value,
            sum(abs(l.market_value)) AS exposure,
            coalesce(sum(l.unrealized_pnl), 0) AS unrealized,
            sum(l.realized_pnl) AS realized_pnl,
            sum(l.fees_paid) AS fees_paid,
            sum(l.funding) AS funding,
            sum(l.net_pnl) AS net_pnl,
            sum(l.unconverted_fees)::bigint AS unconverted_fees,
            count(*) FILTER (WHERE l.size <> 0) AS open_legs,
            min(l.opened_at) AS opened_at,
            max(l.closed_at) AS closed_at,
            bool_or(l.needs_review) AS needs_review,
            max(l.updated_at) AS updated_at,
            max(l.last_snapshot_at) AS last_snapshot_at,
            min(l.created_at) AS created_at,
            sum(l.version)::bigint AS version,
            -- An open leg without a price is not worth 0.
            bool_and(l.market_value IS NOT NULL) AS is_priced
        FROM pms.leg_figures(legs) l  -- noqa: RF03
    ),

    figured AS (
        SELECT
            s.*,
            f.account,
            f.position_id,
            f.asset,
            f.mode,
            f.multiplier,
            f.is_inverse,
            f.settlement_currency,
            f.mark_price,
            f.priced_at,
            f.usdt_rate,
            CASE WHEN s.is_priced THEN s.exposure * f.usdt_rate END AS exposure_usdt,
            CASE WHEN s.is_priced THEN s.market_value * f.usdt_rate END AS net_exposure_usdt
        FROM summed s
        CROSS JOIN shared f
    )

    SELECT
        p.account,
        p.position_id AS id,
        p.asset,
        p.mode,
        trim_scale(p.size) AS size,
        CASE
            WHEN p.open_legs = 1
                THEN trim_scale(pms.average_price(p.size, p.cost, p.multiplier, p.is_inverse))
        END AS average_entry_price,
        trim_scale(p.mark_price) AS current_price,
        trim_scale(p.unrealized) AS unrealized_pnl,
        trim_scale(p.realized_pnl) AS realized_pnl,
        CASE WHEN p.mode = 'hedge' THEN trim_scale(p.long_size) END AS long_size,
        CASE WHEN p.mode = 'hedge' THEN trim_scale(p.short_size) END AS short_size,
        CASE
            WHEN p.cost_basis <> 0
                THEN trim_scale(pms.div_round(p.unrealized * 100, p.cost_basis, 12))
        END AS unrealized_pnl_pct,
        CASE
            WHEN p.open_legs > 0
                THEN
                    greatest(floor(extract(EPOCH FROM g.moment - p.opened_at) / 60), 0)::bigint
        END AS time_held_minutes,
        CASE
            WHEN p.mark_price IS NULL THEN NULL
            WHEN p.exposure_usdt = 0 THEN 0
            ELSE trim_scale(pms.div_round(p.exposure_usdt, g.whole, 12))
        END AS position_size_norm,
        trim_scale(p.cost_basis) AS cost_basis,
        trim_scale(p.exposure_usdt) AS exposure_usdt,
        trim_scale(p.net_exposure_usdt) AS net_exposure_usdt,
        trim_scale(p.fees_paid) AS fees_paid,
        trim_scale(p.funding) AS funding,
        trim_scale(p.net_pnl) AS net_pnl,
        trim_scale(p.unrealized * p.usdt_rate) AS unrealized_pnl_usdt,
        trim_scale(p.realized_pnl * p.usdt_rate) AS realized_pnl_usdt,
        trim_scale(p.fees_paid * p.usdt_rate) AS fees_paid_usdt,
        trim_scale(p.funding * p.usdt_rate) AS funding_usdt,
        trim_scale(p.net_pnl * p.usdt_rate) AS net_pnl_usdt,
        p.settlement_currency,
        p.unconverted_fees,
        CASE
            WHEN p.mark_price IS NULL THEN 'missing'
            WHEN p.priced_at < g.stale_before THEN 'stale'
            ELSE 'fresh'
        END AS price_status,
        p.priced_at AS price_updated_at,
        p.needs_review,
        p.updated_at AS last_updated,
        p.last_snapshot_at,
        CASE WHEN p.open_legs = 0 THEN p.closed_at END AS closed_at,
        p.created_at,
        p.version
    FROM figured p
    CROSS JOIN given g;
END;

COMMENT ON FUNCTION pms.value_position IS $$The position that its legs make, valued

Pure: the legs carry their prices and rates, and account_exposure is the exposure of the account in
USDT, of which the position has a share. Time held and price_status are relative to at; a price
older than staleness is stale. Source of the formulas: accounting.md, "Published fields".$$;

GRANT EXECUTE ON FUNCTION pms.value_position
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.positions_from_legs(legs pms.priced_leg[], at timestamptz)
RETURNS SETOF pms.current_positions
LANGUAGE sql
STABLE
AS $$
SELECT v.*
FROM (
    SELECT
        array_agg(l) AS legs,
        sum(sum(
            pms.leg_exposure(l.size, l.mark_price, l.multiplier, l.is_inverse) * l.usdt_rate
        )) OVER (PARTITION BY l.account) AS account_exposure
    FROM unnest(positions_from_legs.legs) l
    GROUP BY l.account, l.asset, l.mode
) p
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_position(
    p.legs, p.account_exposure, positions_from_legs.at, c.price_staleness_threshold
) v
$$;

COMMENT ON FUNCTION pms.positions_from_legs IS
$$The positions that legs make at a moment, as published

legs: all of an account, or a position's share of the exposure is not that of its account.$$;
