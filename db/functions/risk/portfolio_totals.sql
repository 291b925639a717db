-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE FUNCTION pms.sum_positions(
    legs pms.priced_leg[],
    is_all_accounts boolean,
    is_all_assets boolean
)
RETURNS SETOF pms.portfolio_total
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        h.group_account AS account,
        h.group_asset AS asset,
        is_all_accounts,  -- noqa: RF03
        is_all_assets,  -- noqa: RF03
        trim_scale(pms.sum_few(h.size)) AS size,
        trim_scale(pms.sum_few(h.long_size)) AS long_size,
        trim_scale(pms.sum_few(h.short_size)) AS short_size,
        trim_scale(coalesce(pms.sum_few(h.exposure * h.usdt_rate), 0)) AS exposure_usdt,
        trim_scale(coalesce(pms.sum_few(h.market_value * h.usdt_rate), 0)) AS net_exposure_usdt,
        trim_scale(coalesce(pms.sum_few(h.unrealized_pnl * h.usdt_rate), 0)) AS unrealized_pnl_usdt,
        trim_scale(coalesce(pms.sum_few(h.realized_pnl * h.usdt_rate), 0)) AS realized_pnl_usdt,
        trim_scale(coalesce(pms.sum_few((h.unrealized_pnl + h.realized_pnl) * h.usdt_rate), 0))
            AS total_pnl_usdt,
        trim_scale(coalesce(pms.sum_few(h.fees_paid * h.usdt_rate), 0)) AS fees_paid_usdt,
        trim_scale(coalesce(pms.sum_few(h.funding * h.usdt_rate), 0)) AS funding_usdt,
        trim_scale(coalesce(pms.sum_few(h.net_pnl * h.usdt_rate), 0)) AS net_pnl_usdt,
        count(*) FILTER (WHERE h.open_legs > 0) AS open_positions_count,
        count(*) FILTER (WHERE h.size > 0) AS long_positions_count,
        count(*) FILTER (WHERE h.size < 0) AS short_positions_count,
        sum(h.unconverted_fees)::bigint AS unconverted_fees,
        CASE
            WHEN bool_or(h.is_left_out)
                -- An aggregate with DISTINCT would sort all positions (ADR 0002).
                THEN (
                    SELECT array_agg(DISTINCT u.asset)
                    FROM unnest(array_agg(h.asset) FILTER (WHERE h.is_left_out)) u (asset)
                )
            ELSE '{}'
        END AS unpriced,
        NOT bool_or(h.is_left_out OR h.is_doubtful) AS complete,
        CASE
            WHEN bool_or(h.is_doubtful)
                THEN (
                    SELECT array_agg(DISTINCT u.asset)
                    FROM unnest(array_agg(h.asset) FILTER (WHERE h.is_doubtful)) u (asset)
                )
            ELSE '{}'
        END AS assumed_instruments,
        CASE
            WHEN bool_or(h.is_converted)
                THEN (
                    SELECT array_agg(DISTINCT u.currency)
                    FROM unnest(
                            array_agg(h.settlement_currency) FILTER (WHERE h.is_converted)
                        ) u (currency)
                )
            ELSE '{}'
        END AS converted
    FROM (
        SELECT
            p.*,
            -- Read once for all positions.
            p.asset IN (
                SELECT i.asset
                FROM pms.instruments i
                WHERE i.is_assumed
                    AND i.base_currency IS NULL
            ) AS is_doubtful,
            p.settlement_currency <> 'USDT'
            AND (
                p.open_legs > 0
                OR p.net_pnl <> 0 OR p.realized_pnl <> 0 OR p.fees_paid <> 0 OR p.funding <> 0
            ) AS is_converted,
            CASE WHEN NOT is_all_accounts THEN p.account END AS group_account,  -- noqa: RF03
            CASE WHEN NOT is_all_assets THEN p.asset END AS group_asset,  -- noqa: RF03
            -- In hedge mode two equal legs are open although the size is 0.
            (p.open_legs > 0 AND p.exposure * p.usdt_rate IS NULL)
            -- Without a rate the position is left out, which matters unless it is empty.
            OR (
                p.usdt_rate IS NULL
                AND (
                    p.net_pnl <> 0 OR p.realized_pnl <> 0 OR p.fees_paid <> 0 OR p.funding <> 0
                )
            ) AS is_left_out
        FROM pms.sum_legs(legs) p  -- noqa: RF03
    ) h
    GROUP BY h.group_account, h.group_asset;
END;

COMMENT ON FUNCTION pms.sum_positions IS
$$The totals over legs, of each account and asset

is_all_accounts: of all accounts together; is_all_assets: of all assets together. Without a position
there is no row. Columns that are not read are not summed.$$;

GRANT EXECUTE ON FUNCTION pms.sum_positions
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.empty_total(account text, asset text)
RETURNS pms.portfolio_total
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (
    account, asset, account IS NULL, asset IS NULL,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}'::text[], TRUE, '{}'::text[],
    '{}'::text[]
)::pms.portfolio_total;

COMMENT ON FUNCTION pms.empty_total IS 'The total where nothing was ever held.';

GRANT EXECUTE ON FUNCTION pms.empty_total
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.portfolio_totals(legs pms.priced_leg[])
RETURNS SETOF pms.portfolio_total
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.* FROM pms.sum_positions(legs, FALSE, FALSE) t  -- noqa: RF03
    UNION ALL
    SELECT t.* FROM pms.sum_positions(legs, FALSE, TRUE) t  -- noqa: RF03
    UNION ALL
    SELECT t.* FROM pms.sum_positions(legs, TRUE, FALSE) t  -- noqa: RF03
    UNION ALL
    SELECT t.* FROM pms.sum_positions(legs, TRUE, TRUE) t  -- noqa: RF03
    UNION ALL
    SELECT t.*
    FROM pms.empty_total(NULL, NULL) t
    WHERE coalesce(legs, '{}') = '{}';  -- noqa: RF03
END;

COMMENT ON FUNCTION pms.portfolio_totals IS
$$Every total over legs: by account and asset, account, asset, over all

The row over all is there even without a position. A condition on is_all_accounts or is_all_assets
computes only the totals that meet it.$$;

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
        RETURN pms.empty_total(total_of.account, total_of.asset);
    END IF;

    RETURN total;
END
$$;

COMMENT ON FUNCTION pms.total_of IS $$The total of an account and an asset; null is all of them

Of pms.portfolio_totals. Where nothing was ever held it is 0.$$;
