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
    i.expires_at,
    trim_scale(i.tick_size) AS tick_size,
    trim_scale(i.quantity_step) AS quantity_step,
    i.created_at
FROM pms.instruments i
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.instruments IS $$The valuation rules of each contract

On its first message, an asset without a definition is assumed linear, with multiplier 1, in USDT.
Formulas: specs/001-position-management/accounting.md, "State of a leg and the fold".$$;

COMMENT ON COLUMN api.instruments.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.instruments.kind IS
'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';

COMMENT ON COLUMN api.instruments.multiplier IS
'Ratio: units of the priced good per unit of quantity.';

COMMENT ON COLUMN api.instruments.quote_currency IS 'The currency of prices.';

COMMENT ON COLUMN api.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';

COMMENT ON COLUMN api.instruments.base_currency IS
'The traded currency, from the symbol: BTC in BTCUSDT; null if the quote does not end the symbol.';

COMMENT ON COLUMN api.instruments.allows_negative_price IS
'True if prices may be zero or negative, such as those of a spread.';

COMMENT ON COLUMN api.instruments.is_assumed IS
'True until an operator has confirmed the contract.';

COMMENT ON COLUMN api.instruments.expires_at IS
'When it expires; null: never, as far as is known. From then on an open position is flagged.';

COMMENT ON COLUMN api.instruments.tick_size IS
'Quote currency: prices of fills are multiples of it; null: any. A fill off it counts, flagged.';

COMMENT ON COLUMN api.instruments.quantity_step IS
'Quantity: those of fills are multiples of it; null: any. A fill off it counts, flagged.';

COMMENT ON COLUMN api.instruments.created_at IS 'When the service first recorded the asset.';

GRANT SELECT ON api.instruments TO pms_reader, pms_trader, pms_operator, pms_analyst;
