CREATE OR REPLACE VIEW api.fills AS
SELECT
    e.account,
    e.id,
    e.asset,
    e.mode,
    e.leg,
    e.kind,
    CASE
        WHEN e.kind IN ('opening', 'adjustment') THEN NULL
        WHEN e.quantity > 0 THEN 'buy'
        WHEN e.quantity < 0 THEN 'sell'
    END AS side,
    trim_scale(e.quantity) AS quantity,
    trim_scale(e.price) AS price,
    trim_scale(coalesce(
        e.amount, pms.contract_value(e.quantity, e.price, i.multiplier, i.kind = 'inverse')
    )) AS value,
    trim_scale(e.amount) AS amount,
    trim_scale(e.realized) AS realized,
    trim_scale(e.fee) AS fee,
    trim_scale(e.fee_native) AS fee_native,
    coalesce(e.fee_currency, i.settlement_currency) AS fee_currency,
    trim_scale(e.fee_rate) AS fee_rate,
    i.settlement_currency,
    e.order_id,
    e.identity,
    e.amends,
    e.cause,
    v.cause AS voided_by,
    v.recorded_at AS voided_at,
    e.counter_account,
    e.version,
    e.executed_at,
    e.recorded_at,
    e.source,
    e.trace_id
FROM pms.entries e
INNER JOIN pms.instruments i ON e.asset = i.asset
LEFT JOIN pms.voids v ON e.account = v.account AND e.id = v.entry_id
WHERE pms.in_scope(e.account);

COMMENT ON VIEW api.fills IS $$The ledger: every entry that ever changed a position

Append-only. The position of a leg is the fold of its entries in the order of executed_at and id,
without those that are voided.$$;

COMMENT ON COLUMN api.fills.account IS 'The account whose position it changed.';

COMMENT ON COLUMN api.fills.id IS
'Number of the entry: rises in the order in which we learned of them.';

COMMENT ON COLUMN api.fills.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.fills.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.fills.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.fills.kind IS 'trade, opening, transfer, adjustment or funding.';

COMMENT ON COLUMN api.fills.side IS
'buy or sell; null when the quantity is 0, and for an opening or an adjustment.';

COMMENT ON COLUMN api.fills.quantity IS
'Quantity, signed: + buys, - sells; of an opening or an adjustment the size that it states.';

COMMENT ON COLUMN api.fills.price IS
'Quote currency; null for funding, and for a transfer at cost.';

COMMENT ON COLUMN api.fills.value IS
'Settlement currency, signed: what the quantity is worth at the price; of funding the cash received
(+) or paid (-), of an opening or an adjustment what the size costs.';

COMMENT ON COLUMN api.fills.amount IS
'Settlement currency: the value, where it is not quantity at price; else null.';

COMMENT ON COLUMN api.fills.realized IS
'Settlement currency; an opening: the gross realised PnL that it carries over; else null.';

COMMENT ON COLUMN api.fills.fee IS
'Settlement currency, as it is counted; a rebate is negative.';

COMMENT ON COLUMN api.fills.fee_native IS
'The fee as it was charged, in fee_currency; null when that is the settlement currency.';

COMMENT ON COLUMN api.fills.fee_currency IS 'The currency the fee was charged in.';

COMMENT ON COLUMN api.fills.fee_rate IS
'What one unit of it was worth; null beside fee_native: unknown, so not counted yet; 0: it was paid
in the quantity.';

COMMENT ON COLUMN api.fills.settlement_currency IS 'The currency of value and fee.';

COMMENT ON COLUMN api.fills.order_id IS 'The order it belongs to; null when unknown.';

COMMENT ON COLUMN api.fills.identity IS
'What makes it the same entry when it is sent again; unique in its account.';

COMMENT ON COLUMN api.fills.amends IS 'A correction: the identity of the entry it stands for.';

COMMENT ON COLUMN api.fills.cause IS
'Why an opening or an adjustment was made: venue_average, venue_size, adoption or import.';

COMMENT ON COLUMN api.fills.voided_by IS
'bust or correction: it counts no longer; null: it counts.';

COMMENT ON COLUMN api.fills.voided_at IS 'Since when it counts no longer.';

COMMENT ON COLUMN api.fills.counter_account IS 'A transfer: the account on its other side.';

COMMENT ON COLUMN api.fills.version IS 'The version of the leg right after it.';

COMMENT ON COLUMN api.fills.executed_at IS 'When it happened at the venue.';

COMMENT ON COLUMN api.fills.recorded_at IS 'When we learned of it.';

COMMENT ON COLUMN api.fills.source IS 'Who told us: order_execution, api, …';

COMMENT ON COLUMN api.fills.trace_id IS 'The trace of the message or request that brought it.';

GRANT SELECT ON api.fills TO pms_reader, pms_trader, pms_operator, pms_analyst;
