-- Deploy position_manager:views/pms/portfolio_cube to pg
-- requires: views/api/positions

BEGIN;

-- The one rule for totals: whatever adds positions up reads it here.
CREATE OR REPLACE VIEW pms.portfolio_cube AS
WITH held AS (
    SELECT
        p.*,
        -- In hedge mode two equal legs are open although the size is 0.
        p.time_held_minutes IS NOT NULL AS is_open,
        -- What settles in another currency is not counted as if it were USDT.
        p.settlement_currency = 'USDT' AS is_usdt
    FROM api.positions p
)

SELECT
    h.account,
    h.asset,
    grouping(h.account) = 1 AS is_all_accounts,
    grouping(h.asset) = 1 AS is_all_assets,
    trim_scale(coalesce(sum(h.size), 0)) AS size,
    trim_scale(coalesce(sum(h.exposure_usdt), 0)) AS exposure_usdt,
    trim_scale(coalesce(sum(h.net_exposure_usdt), 0)) AS net_exposure_usdt,
    trim_scale(coalesce(sum(h.unrealized_pnl) FILTER (WHERE h.is_usdt), 0))
        AS unrealized_pnl_usdt,
    trim_scale(coalesce(sum(h.realized_pnl) FILTER (WHERE h.is_usdt), 0)) AS realized_pnl_usdt,
    trim_scale(coalesce(sum(h.unrealized_pnl + h.realized_pnl) FILTER (WHERE h.is_usdt), 0))
        AS total_pnl_usdt,
    trim_scale(coalesce(sum(h.fees_paid) FILTER (WHERE h.is_usdt), 0)) AS fees_paid_usdt,
    trim_scale(coalesce(sum(h.funding) FILTER (WHERE h.is_usdt), 0)) AS funding_usdt,
    trim_scale(coalesce(sum(h.net_pnl) FILTER (WHERE h.is_usdt), 0)) AS net_pnl_usdt,
    count(*) FILTER (WHERE h.is_open) AS open_positions_count,
    count(*) FILTER (WHERE h.size > 0) AS long_positions_count,
    count(*) FILTER (WHERE h.size < 0) AS short_positions_count,
    coalesce(
        array_agg(DISTINCT h.asset) FILTER (WHERE h.is_open AND h.exposure_usdt IS NULL), '{}'
    ) AS unpriced,
    count(*) FILTER (WHERE h.is_open AND h.exposure_usdt IS NULL) = 0 AS complete
FROM held h
GROUP BY GROUPING SETS ((h.account, h.asset), (h.account), (h.asset), ());

COMMENT ON VIEW pms.portfolio_cube IS $$Every total over positions: by account, by asset, over all

account is null where is_all_accounts, asset where is_all_assets; the row over all is there even
without a position. Amounts are in USDT and exact. An open position without a price, or one that
settles in another currency, is in no amount of value: it is listed in unpriced.$$;

COMMIT;
