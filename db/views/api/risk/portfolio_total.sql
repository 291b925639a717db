CREATE OR REPLACE VIEW api.portfolio_total WITH (security_barrier = TRUE) AS
SELECT
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
    AND c.is_all_accounts;

COMMENT ON VIEW api.portfolio_total IS $$Totals over all accounts

One row, also when nothing was ever held. Over the accounts that the key may see. Amounts are
exact.$$;

COMMENT ON COLUMN api.portfolio_total.exposure_usdt IS 'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.portfolio_total.net_exposure_usdt IS
'USDT: signed market value, long - short.';

COMMENT ON COLUMN api.portfolio_total.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.portfolio_total.realized_pnl_usdt IS
'USDT: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.portfolio_total.total_pnl_usdt IS
'USDT: unrealized + realized_pnl, without the fees of opening.';

COMMENT ON COLUMN api.portfolio_total.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.portfolio_total.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.portfolio_total.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.portfolio_total.open_positions_count IS 'Count: positions with an open leg.';

COMMENT ON COLUMN api.portfolio_total.long_positions_count IS 'Count: positions of size > 0.';

COMMENT ON COLUMN api.portfolio_total.short_positions_count IS 'Count: positions of size < 0.';

COMMENT ON COLUMN api.portfolio_total.unconverted_fees IS
'Count: entries whose fee is not counted because no rate is known for their time.';

COMMENT ON COLUMN api.portfolio_total.complete IS
$$False if an amount leaves out a position because it has no price or no rate to USDT

Or counts one by a rule that is only assumed.$$;

COMMENT ON COLUMN api.portfolio_total.unpriced IS 'The assets of the positions left out.';

COMMENT ON COLUMN api.portfolio_total.assumed_instruments IS
'The assets counted as linear in USDT that nobody has defined, and whose name ends otherwise.';

COMMENT ON COLUMN api.portfolio_total.stale_rates IS
'Currencies whose rate to USDT was stale when it was used.';

GRANT SELECT ON api.portfolio_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
