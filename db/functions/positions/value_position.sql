-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
CREATE OR REPLACE FUNCTION pms.value_position(
    p pms.position_figures,
    account_exposure numeric,
    at timestamptz,
    staleness interval,
    has_held_price boolean
)
RETURNS TABLE (
    account text,
    id uuid,
    asset text,
    mode text,
    size numeric,
    average_entry_price numeric,
    break_even_price numeric,
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
    review_reasons text[],
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
    SELECT
        (p).account AS account,
        (p).position_id AS id,
        (p).asset AS asset,
        (p).mode AS mode,
        trim_scale((p).size) AS size,
        CASE
            WHEN (p).open_legs = 1
                THEN trim_scale(
                        pms.average_price((p).size, (p).cost, (p).multiplier, (p).is_inverse)
                    )
        END AS average_entry_price,
        -- Where cost, less all that was realized, paid and received, is the value; above 0 or null.
        nullif(
            greatest(
                trim_scale(
                    pms.average_price(
                        (p).size, (p).cost + (p).unrealized_pnl - (p).net_pnl,
                        (p).multiplier, (p).is_inverse
                    )
                ),
                0
            ),
            0
        ) AS break_even_price,
        trim_scale((p).mark_price) AS current_price,
        trim_scale((p).unrealized_pnl) AS unrealized_pnl,
        trim_scale((p).realized_pnl) AS realized_pnl,
        CASE WHEN (p).mode = 'hedge' THEN trim_scale((p).long_size) END AS long_size,
        CASE WHEN (p).mode = 'hedge' THEN trim_scale((p).short_size) END AS short_size,
        CASE
            WHEN (p).cost_basis <> 0
                THEN trim_scale(pms.div_round((p).unrealized_pnl * 100, (p).cost_basis, 12))
        END AS unrealized_pnl_pct,
        CASE
            WHEN (p).open_legs > 0
                THEN
                    greatest(floor(extract(EPOCH FROM at - (p).opened_at) / 60), 0)::bigint
        END AS time_held_minutes,
        CASE
            WHEN (p).mark_price IS NULL THEN NULL
            WHEN (p).exposure * (p).usdt_rate = 0 THEN 0
            ELSE trim_scale(pms.div_round((p).exposure * (p).usdt_rate, account_exposure, 12))
        END AS position_size_norm,
        trim_scale((p).cost_basis) AS cost_basis,
        trim_scale((p).exposure * (p).usdt_rate) AS exposure_usdt,
        trim_scale((p).market_value * (p).usdt_rate) AS net_exposure_usdt,
        trim_scale((p).fees_paid) AS fees_paid,
        trim_scale((p).funding) AS funding,
        trim_scale((p).net_pnl) AS net_pnl,
        trim_scale((p).unrealized_pnl * (p).usdt_rate) AS unrealized_pnl_usdt,
        trim_scale((p).realized_pnl * (p).usdt_rate) AS realized_pnl_usdt,
        trim_scale((p).fees_paid * (p).usdt_rate) AS fees_paid_usdt,
        trim_scale((p).funding * (p).usdt_rate) AS funding_usdt,
        trim_scale((p).net_pnl * (p).usdt_rate) AS net_pnl_usdt,
        (p).settlement_currency AS settlement_currency,
        (p).unconverted_fees AS unconverted_fees,
        CASE
            WHEN (p).mark_price IS NULL THEN 'missing'
            WHEN NOT has_held_price AND pms.is_fresh((p).priced_at, at, staleness) THEN 'fresh'
            ELSE 'stale'
        END AS price_status,
        (p).priced_at AS price_updated_at,
        (p).needs_review OR (p).is_crossed AS needs_review,
        -- Looked up for the few positions that have one.
        CASE
            WHEN (p).needs_review OR (p).is_crossed
                THEN
                    pms.review_codes(
                        (p).account, (p).asset, (p).mode, (p).needs_review, (p).is_crossed
                    )
            ELSE '{}'
        END AS review_reasons,
        (p).updated_at AS last_updated,
        (p).last_snapshot_at AS last_snapshot_at,
        CASE WHEN (p).open_legs = 0 THEN (p).closed_at END AS closed_at,
        (p).created_at AS created_at,
        (p).version AS version;  -- noqa: RF04
END;

COMMENT ON FUNCTION pms.value_position IS $$A position as published, from the sums over its legs

Pure: p carries its price and rate, and account_exposure is the exposure of the account in
USDT, of which the position has a share. Time held and price_status are relative to at; a price
older than staleness is stale, and any while another one is held. Source of the formulas:
accounting.md, "Published fields".$$;

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
        s AS figures,
        sum(s.exposure * s.usdt_rate) OVER (PARTITION BY s.account) AS account_exposure
    FROM pms.sum_legs(positions_from_legs.legs) s
) p
CROSS JOIN pms.settings c
CROSS JOIN (
    SELECT array_agg(h.asset) AS assets
    FROM pms.held_prices h
    WHERE h.held_since <= positions_from_legs.at
) w
CROSS JOIN LATERAL pms.value_position(
    p.figures, p.account_exposure, positions_from_legs.at, c.price_staleness_threshold,
    coalesce((p.figures).asset = ANY(w.assets), FALSE)
) v
$$;

COMMENT ON FUNCTION pms.positions_from_legs IS
$$The positions that legs make at a moment, as published

legs: all of an account, or a position's share of the exposure is not that of its account.$$;
