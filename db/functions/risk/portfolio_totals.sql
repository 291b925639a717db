-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE FUNCTION pms.portfolio_totals(legs pms.priced_leg[])
RETURNS SETOF pms.portfolio_total
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
            -- Without a rate the position is left out, which matters unless it is empty.
            OR p.net_pnl_usdt IS NULL
            AND (p.net_pnl <> 0 OR p.realized_pnl <> 0 OR p.fees_paid <> 0 OR p.funding <> 0)
                AS is_left_out
        -- No total depends on the moment: the prices and rates are in the legs.
        FROM (
            SELECT array_agg(l) AS legs
            FROM unnest(legs) l  -- noqa: RF03
            GROUP BY l.account, l.asset, l.mode
        ) k
        CROSS JOIN LATERAL pms.value_position(k.legs, NULL, now(), interval '0') p
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

COMMENT ON FUNCTION pms.portfolio_totals IS
$$Every total over legs: by account and asset, account, asset, over all

The row over all is there even without a position.$$;

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
