-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE FUNCTION pms.position_totals(legs pms.priced_leg[])
RETURNS TABLE (
    account text,
    asset text,
    size numeric,
    long_size numeric,
    short_size numeric,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    unconverted_fees numeric,
    is_open boolean,
    is_left_out boolean
)
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        l.account,
        l.asset,
        sum(l.size) AS size,
        sum(greatest(l.size, 0)) AS long_size,
        sum(greatest(-l.size, 0)) AS short_size,
        sum(abs(l.market_value) * l.usdt_rate) AS exposure_usdt,
        sum(l.market_value * l.usdt_rate) AS net_exposure_usdt,
        sum(l.unrealized_pnl * l.usdt_rate) AS unrealized_pnl_usdt,
        sum(l.realized_pnl * l.usdt_rate) AS realized_pnl_usdt,
        sum(l.fees_paid * l.usdt_rate) AS fees_paid_usdt,
        sum(l.funding * l.usdt_rate) AS funding_usdt,
        sum(l.net_pnl * l.usdt_rate) AS net_pnl_usdt,
        sum(l.unconverted_fees) AS unconverted_fees,
        -- In hedge mode two equal legs are open although the size is 0.
        bool_or(l.size <> 0) AS is_open,
        bool_or(
            l.market_value IS NULL
            -- Without a rate the leg is left out, which matters unless it is empty.
            OR l.usdt_rate IS NULL
            AND (
                l.size <> 0 OR l.net_pnl <> 0 OR l.realized_pnl <> 0 OR l.fees_paid <> 0
                OR l.funding <> 0
            )
        ) AS is_left_out
    FROM pms.leg_figures(legs) l  -- noqa: RF03
    GROUP BY l.account, l.asset, l.mode;
END;

COMMENT ON FUNCTION pms.position_totals IS
$$What each position adds to the totals

Amounts in USDT. is_left_out: an amount lacks a leg for lack of a price or of a rate.$$;

GRANT EXECUTE ON FUNCTION pms.position_totals
TO pms_reader, pms_trader, pms_operator, pms_analyst;

-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE FUNCTION pms.portfolio_totals(legs pms.priced_leg[])
RETURNS SETOF pms.portfolio_total
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        h.account,
        h.asset,
        grouping(h.account) = 1 AS is_all_accounts,
        grouping(h.asset) = 1 AS is_all_assets,
        trim_scale(coalesce(sum(h.size), 0)) AS size,
        trim_scale(coalesce(sum(h.long_size), 0)) AS long_size,
        trim_scale(coalesce(sum(h.short_size), 0)) AS short_size,
        trim_scale(coalesce(sum(h.exposure_usdt), 0)) AS exposure_usdt,
        trim_scale(coalesce(sum(h.net_exposure_usdt), 0)) AS net_exposure_usdt,
        trim_scale(coalesce(sum(h.unrealized_pnl_usdt), 0)) AS unrealized_pnl_usdt,
        trim_scale(coalesce(sum(h.realized_pnl_usdt), 0)) AS realized_pnl_usdt,
        trim_scale(coalesce(sum(h.unrealized_pnl_usdt), 0) + coalesce(sum(h.realized_pnl_usdt), 0))
            AS total_pnl_usdt,
        trim_scale(coalesce(sum(h.fees_paid_usdt), 0)) AS fees_paid_usdt,
        trim_scale(coalesce(sum(h.funding_usdt), 0)) AS funding_usdt,
        trim_scale(coalesce(sum(h.net_pnl_usdt), 0)) AS net_pnl_usdt,
        count(*) FILTER (WHERE h.is_open) AS open_positions_count,
        count(*) FILTER (WHERE h.size > 0) AS long_positions_count,
        count(*) FILTER (WHERE h.size < 0) AS short_positions_count,
        coalesce(sum(h.unconverted_fees), 0)::bigint AS unconverted_fees,
        CASE
            WHEN bool_or(h.is_left_out)
                -- An aggregate with DISTINCT would sort all positions for each set (ADR 0002).
                THEN (
                    SELECT array_agg(DISTINCT u.asset)
                    FROM unnest(array_agg(h.asset) FILTER (WHERE h.is_left_out)) u (asset)
                )
            ELSE '{}'
        END AS unpriced,
        coalesce(NOT bool_or(h.is_left_out), TRUE) AS complete
    FROM pms.position_totals(legs) h  -- noqa: RF03
    GROUP BY GROUPING SETS ((h.account, h.asset), (h.account), (h.asset), ());
END;

COMMENT ON FUNCTION pms.portfolio_totals IS
$$Every total over legs: by account and asset, account, asset, over all

The row over all is there even without a position. Columns that are not read are not summed.$$;

GRANT EXECUTE ON FUNCTION pms.portfolio_totals
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.total_of(
    totals pms.portfolio_total[],
    account text,
    asset text
)
RETURNS pms.portfolio_total
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    total pms.portfolio_total;
BEGIN
    SELECT t.*
    INTO total
    FROM unnest(total_of.totals) t
    WHERE t.is_all_accounts = (total_of.account IS NULL)
        AND t.is_all_assets = (total_of.asset IS NULL)
        AND t.account IS NOT DISTINCT FROM total_of.account
        AND t.asset IS NOT DISTINCT FROM total_of.asset;

    IF NOT FOUND THEN
        total := (
            total_of.account, total_of.asset, total_of.account IS NULL, total_of.asset IS NULL,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', TRUE
        )::pms.portfolio_total;
    END IF;

    RETURN total;
END
$$;

COMMENT ON FUNCTION pms.total_of IS $$The total of an account and an asset; null is all of them

Of pms.portfolio_totals. Where nothing was ever held it is 0.$$;
