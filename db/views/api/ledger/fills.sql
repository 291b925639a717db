CREATE OR REPLACE VIEW api.fills WITH (security_invoker = TRUE) AS
SELECT
    e.account,
    e.id,
    e.asset,
    e.mode,
    e.leg,
    e.kind,
    pms.entry_side(e.kind, e.quantity) AS side,
    trim_scale(e.quantity) AS quantity,
    trim_scale(CASE WHEN NOT pms.has_ratio(e.kind) THEN e.price END) AS price,
    CASE
        WHEN e.quantity <> 0 OR e.kind IN ('opening', 'adjustment', 'funding')
            THEN trim_scale(coalesce(
                    e.amount,
                    pms.contract_value(e.quantity, e.price, i.multiplier, i.kind = 'inverse')
                ))
    END AS value,
    trim_scale(CASE WHEN NOT pms.has_ratio(e.kind) THEN e.amount END) AS amount,
    trim_scale(CASE WHEN e.kind = 'opening' THEN e.realized END) AS carried_realized,
    trim_scale(e.fee) AS fee,
    trim_scale(e.fee_native) AS fee_native,
    coalesce(e.fee_currency, i.settlement_currency) AS fee_currency,
    trim_scale(e.fee_rate) AS fee_rate,
    i.settlement_currency,
    e.order_id,
    e.identity,
    e.amends,
    coalesce(e.cause, pms.action_terms(e.kind, e.price, e.amount, e.realized)) AS cause,
    v.cause AS voided_by,
    v.recorded_at AS voided_at,
    e.counter_account,
    e.version,
    e.executed_at,
    e.recorded_at,
    e.source,
    e.trace_id,
    pms.book_of_entry(e.account, e.kind, coalesce(e.amends, e.identity), e.book) AS book,
    trim_scale(e.closing_price) AS closing_price,
    e.closing_source,
    CASE
        WHEN v.entry_id IS NOT NULL THEN 0
        ELSE trim_scale(pms.realized_by_entry(e.id, e.leg_id, e.executed_at))
    END AS realized_pnl,
    e.book AS strategy
FROM pms.ledger_entries e
INNER JOIN pms.instruments i ON e.asset = i.asset
LEFT JOIN pms.voids v ON e.id = v.entry_id
WHERE NOT pms.is_book(e.account);

COMMENT ON VIEW api.fills IS $$The ledger: every entry that ever changed a position

Append-only. A leg is the fold of its entries in the order of executed_at and id, without the voided
ones. Those of archived periods are in the archive.$$;

COMMENT ON COLUMN api.fills.account IS 'The account whose position the entry changed.';

COMMENT ON COLUMN api.fills.id IS 'Number of the entry, increasing in the order of recording.';

COMMENT ON COLUMN api.fills.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.fills.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.fills.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.fills.kind IS
'trade, opening, transfer, adjustment or funding; for a corporate action, split, rename, contract,
settlement or distribution.';

COMMENT ON COLUMN api.fills.side IS
'buy or sell; null for an opening, an adjustment, a corporate action or a quantity of 0.';

COMMENT ON COLUMN api.fills.quantity IS
'Quantity, signed: + buy, - sell; for an opening or an adjustment, the size it sets.';

COMMENT ON COLUMN api.fills.price IS
'Quote currency; null for funding and for a transfer at cost; for a distribution, the cash for one
unit.';

COMMENT ON COLUMN api.fills.value IS
'Settlement currency, signed: value of the quantity at the price; for funding, the cash received (+)
or paid (-); for an opening or an adjustment, the cost of the size. Null for a corporate action:
its effect depends on what the leg held, and get_position_entries shows it.';

COMMENT ON COLUMN api.fills.amount IS
'Settlement currency: the value, if it is not the quantity at the price; else null.';

COMMENT ON COLUMN api.fills.carried_realized IS
'Settlement currency: the realized PnL that an opening carries over; else null.';

COMMENT ON COLUMN api.fills.fee IS 'Settlement currency: the fee as counted; a rebate is negative.';

COMMENT ON COLUMN api.fills.fee_native IS
'The fee as charged, in fee_currency; null if that is the settlement currency.';

COMMENT ON COLUMN api.fills.fee_currency IS 'The currency the fee was charged in.';

COMMENT ON COLUMN api.fills.fee_rate IS
'Value of one unit of fee_native. Null with a fee_native: unknown, the fee is not counted yet. 0:
the fee was deducted from the quantity.';

COMMENT ON COLUMN api.fills.settlement_currency IS 'The currency of value and fee.';

COMMENT ON COLUMN api.fills.order_id IS 'The order of the entry; null if unknown.';

COMMENT ON COLUMN api.fills.identity IS
'Identifies the entry when a message is repeated; unique within its account.';

COMMENT ON COLUMN api.fills.amends IS 'For a correction, the identity of the entry it replaces.';

COMMENT ON COLUMN api.fills.cause IS
'The reason for an opening or an adjustment: venue_average, venue_size, adoption or import; of a
corporate action its terms, such as 10:1.';

COMMENT ON COLUMN api.fills.voided_by IS
'bust, correction or recount if the entry no longer counts; null if it counts.';

COMMENT ON COLUMN api.fills.voided_at IS 'When the entry was voided.';

COMMENT ON COLUMN api.fills.counter_account IS 'For a transfer, the other account.';

COMMENT ON COLUMN api.fills.version IS 'The version of the leg after the entry was recorded.';

COMMENT ON COLUMN api.fills.executed_at IS 'Event time at the venue.';

COMMENT ON COLUMN api.fills.recorded_at IS 'When the service recorded the entry.';

COMMENT ON COLUMN api.fills.source IS 'The origin of the entry: order_execution, api, …';

COMMENT ON COLUMN api.fills.trace_id IS 'The trace id of the message or request.';

COMMENT ON COLUMN api.fills.book IS
'The book in which the entry counts; null where the account has no books, and for a corporate
action, which each book has.';

COMMENT ON COLUMN api.fills.closing_price IS
'Quote currency: the price at which an adjustment realizes what it closes; null: it realizes
nothing.';

COMMENT ON COLUMN api.fills.closing_source IS
'The source of closing_price: venue (the mark price of the report), price (the newest price of its
time) or decision (a person).';

COMMENT ON COLUMN api.fills.realized_pnl IS
'Settlement currency: what the entry changed in the realized_pnl of its position: realized PnL less
the fee of what it closes, or the funding; 0 if voided. The sum over the entries of a position is
its realized_pnl.';

COMMENT ON COLUMN api.fills.strategy IS
'The book that a fill named, as it was reported; null if it named none.';

GRANT SELECT ON api.fills TO pms_reader, pms_trader, pms_operator, pms_analyst;
