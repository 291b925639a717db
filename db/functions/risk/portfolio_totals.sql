-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE FUNCTION pms.portfolio_totals(legs pms.priced_leg[])
RETURNS TABLE (
    account text,
    asset text,
    is_all_accounts boolean,
    is_all_assets boolean,
    size numeric,
    long_size numeric,
    short_size numeric,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    total_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    open_positions_count bigint,
    long_positions_count bigint,
    short_positions_count bigint,
    unconverted_fees bigint,
    unpriced text[],
    complete boolean
)
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    WITH held AS (
        SELECT
            p.*,
            -- In hedge mode two equal legs are open although the size is 0.
            p.time_held_minutes IS NOT NULL AS is_open,
            p.time_held_minutes IS NOT NULL AND p.exposure_usdt IS NULL
            -- Without a rate nothing of it is counted: that matters when there is something.
            OR p.net_pnl_usdt IS NULL
            AND (p.net_pnl <> 0 OR p.realized_pnl <> 0 OR p.fees_paid <> 0 OR p.funding <> 0)
                AS is_left_out
        -- No total depends on the moment: the prices and rates are in the legs.
        FROM pms.value_legs(legs, now(), interval '0') p  -- noqa: RF03
    )

    SELECT
        h.account,
        h.asset,
        grouping(h.account) = 1 AS is_all_accounts,
        grouping(h.asset) = 1 AS is_all_assets,
        trim_scale(coalesce(sum(h.size), 0)) AS size,
        trim_scale(coalesce(sum(coalesce(h.long_size, greatest(h.size, 0))), 0)) AS long_size,
        trim_scale(coalesce(sum(coalesce(h.short_size, greatest(-h.size, 0))), 0)) AS short_size,
        trim_scale(coalesce(sum(h.exposure_usdt), 0)) AS exposure_usdt,
        trim_scale(coalesce(sum(h.net_exposure_usdt), 0)) AS net_exposure_usdt,
        trim_scale(coalesce(sum(h.unrealized_pnl_usdt), 0)) AS unrealized_pnl_usdt,
        trim_scale(coalesce(sum(h.realized_pnl_usdt), 0)) AS realized_pnl_usdt,
        trim_scale(coalesce(sum(h.unrealized_pnl_usdt + h.realized_pnl_usdt), 0))
            AS total_pnl_usdt,
        trim_scale(coalesce(sum(h.fees_paid_usdt), 0)) AS fees_paid_usdt,
        trim_scale(coalesce(sum(h.funding_usdt), 0)) AS funding_usdt,
        trim_scale(coalesce(sum(h.net_pnl_usdt), 0)) AS net_pnl_usdt,
        count(*) FILTER (WHERE h.is_open) AS open_positions_count,
        count(*) FILTER (WHERE h.size > 0) AS long_positions_count,
        count(*) FILTER (WHERE h.size < 0) AS short_positions_count,
        coalesce(sum(h.unconverted_fees), 0)::bigint AS unconverted_fees,
        coalesce(array_agg(DISTINCT h.asset) FILTER (WHERE h.is_left_out), '{}') AS unpriced,
        count(*) FILTER (WHERE h.is_left_out) = 0 AS complete
    FROM held h
    GROUP BY GROUPING SETS ((h.account, h.asset), (h.account), (h.asset), ());
END;

COMMENT ON FUNCTION pms.portfolio_totals IS $$Every total over legs: by account, by asset, over all

account is null where is_all_accounts, asset where is_all_assets; the row over all is there even
without a position. size is long_size - short_size. Amounts are in USDT and exact. A position that
is left out of an amount, for
want of a price or of a rate of its settlement currency, is listed in unpriced.$$;

GRANT EXECUTE ON FUNCTION pms.portfolio_totals
TO pms_reader, pms_trader, pms_operator, pms_analyst;
