CREATE OR REPLACE VIEW api.portfolio WITH (security_barrier = TRUE) AS
SELECT
    c.account,
    c.exposure_usdt,
    c.net_exposure_usdt,
    c.unrealized_pnl_usdt,
    c.realized_pnl_usdt,
    c.total_pnl_usdt,
    c.fees_paid_usdt,
    c.funding_usdt,
    c.net_pnl_usdt,
    c.open_positions_count,
    c.long_positions_count,
    c.short_positions_count,
    c.unconverted_fees,
    c.complete,
    c.unpriced,
    c.assumed_instruments,
    pms.stale_rates(c.converted) AS stale_rates
FROM pms.portfolio_totals_now c
WHERE c.is_all_assets
    AND NOT c.is_all_accounts;

COMMENT ON VIEW api.portfolio IS $$Totals of each account

One row per account; api.portfolio_total has the sum. Amounts are exact.$$;

COMMENT ON COLUMN api.portfolio.account IS 'The account.';

COMMENT ON COLUMN api.portfolio.exposure_usdt IS 'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.portfolio.net_exposure_usdt IS 'USDT: signed market value, long - short.';

COMMENT ON COLUMN api.portfolio.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.portfolio.realized_pnl_usdt IS
'USDT: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.portfolio.total_pnl_usdt IS
'USDT: unrealized + realized_pnl, without the fees of opening.';

COMMENT ON COLUMN api.portfolio.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.portfolio.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.portfolio.net_pnl_usdt IS 'USDT: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.portfolio.open_positions_count IS 'Count: positions with an open leg.';

COMMENT ON COLUMN api.portfolio.long_positions_count IS 'Count: positions of size > 0.';

COMMENT ON COLUMN api.portfolio.short_positions_count IS 'Count: positions of size < 0.';

COMMENT ON COLUMN api.portfolio.unconverted_fees IS
'Count: entries whose fee is not counted because no rate is known for their time.';

COMMENT ON COLUMN api.portfolio.complete IS
$$False if an amount leaves out a position because it has no price or no rate to USDT

Or counts one by a rule that is only assumed.$$;

COMMENT ON COLUMN api.portfolio.unpriced IS 'The assets of the positions left out.';

COMMENT ON COLUMN api.portfolio.assumed_instruments IS
'The assets counted as linear in USDT that nobody has defined, and whose name ends otherwise.';

COMMENT ON COLUMN api.portfolio.stale_rates IS
'Currencies whose rate to USDT was stale when it was used.';

GRANT SELECT ON api.portfolio TO pms_reader, pms_trader, pms_operator, pms_analyst;
