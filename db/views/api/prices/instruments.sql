CREATE OR REPLACE VIEW api.instruments AS
SELECT
    i.asset,
    i.kind,
    trim_scale(i.multiplier) AS multiplier,
    i.quote_currency,
    i.settlement_currency,
    i.base_currency,
    i.allows_negative_price,
    i.is_assumed,
    i.created_at
FROM pms.instruments i
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.instruments IS $$How each contract is counted

An asset nobody has described is assumed linear, multiplier 1, in USDT, when its first message
comes. Source of the formulas: accounting.md, "State of a leg and the fold".$$;

COMMENT ON COLUMN api.instruments.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.instruments.kind IS
'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';

COMMENT ON COLUMN api.instruments.multiplier IS
'Ratio: how much of what is priced one of the quantity stands for.';

COMMENT ON COLUMN api.instruments.quote_currency IS 'The currency of prices.';

COMMENT ON COLUMN api.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';

COMMENT ON COLUMN api.instruments.base_currency IS
'What is traded, by the symbol: BTC of BTCUSDT; null when the symbol does not end in the quote.';

COMMENT ON COLUMN api.instruments.allows_negative_price IS
'Whether a price may be zero or below, as of a spread.';

COMMENT ON COLUMN api.instruments.is_assumed IS
'True until somebody has confirmed what the contract is.';

COMMENT ON COLUMN api.instruments.created_at IS 'When we first knew of it.';

GRANT SELECT ON api.instruments TO pms_reader, pms_trader, pms_operator, pms_analyst;
