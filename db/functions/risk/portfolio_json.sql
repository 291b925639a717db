CREATE OR REPLACE FUNCTION pms.portfolio_json(t pms.portfolio_total)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'total_exposure_usdt', pms.decimal_text((t).exposure_usdt),
    'net_exposure_usdt', pms.decimal_text((t).net_exposure_usdt),
    'portfolio_value_usdt', pms.decimal_text((t).net_exposure_usdt),
    'total_unrealized_pnl_usdt', pms.decimal_text((t).unrealized_pnl_usdt),
    'total_realized_pnl_usdt', pms.decimal_text((t).realized_pnl_usdt),
    'total_pnl_usdt', pms.decimal_text((t).total_pnl_usdt),
    'realized_net_usdt', pms.decimal_text((t).realized_pnl_usdt - (t).funding_usdt),
    'fees_usdt', pms.decimal_text((t).fees_paid_usdt),
    'funding_usdt', pms.decimal_text((t).funding_usdt),
    'net_pnl_usdt', pms.decimal_text((t).net_pnl_usdt),
    'open_positions_count', (t).open_positions_count,
    'long_positions_count', (t).long_positions_count,
    'short_positions_count', (t).short_positions_count,
    'unconverted_fees', (t).unconverted_fees,
    'complete', (t).complete,
    'unpriced', to_jsonb((t).unpriced),
    'assumed_instruments', to_jsonb((t).assumed_instruments)
);

COMMENT ON FUNCTION pms.portfolio_json IS $$A total as the contract writes the portfolio

Without by_asset, limits and calculated_at. Source: contract.md, section 1, "Portfolio".$$;

CREATE OR REPLACE FUNCTION pms.portfolio_json_at(
    t pms.portfolio_total,
    at timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN pms.portfolio_json(t) || jsonb_build_object(
    'stale_rates', pms.stale_rates((t).converted, at, known_at)
);

COMMENT ON FUNCTION pms.portfolio_json_at IS
'The same with the rates that are stale at a moment, as known at one.';
