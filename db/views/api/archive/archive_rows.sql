CREATE OR REPLACE VIEW api.archive_rows WITH (security_barrier = TRUE) AS
SELECT a.*
FROM pms.archived_entries a
WHERE pms.in_scope('*');

COMMENT ON VIEW api.archive_rows IS $$The entries of the ledger, as an archive of it has them

With executed_at of a partition: what  position-manager ledger archive  writes. On the command line
only.$$;

COMMENT ON COLUMN api.archive_rows.account IS
'The account whose leg the entry changed; of a book, account|book.';

COMMENT ON COLUMN api.archive_rows.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.archive_rows.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.archive_rows.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.archive_rows.executed_at IS 'Event time at the venue.';

COMMENT ON COLUMN api.archive_rows.id IS
'Number of the entry, increasing in the order of recording.';

COMMENT ON COLUMN api.archive_rows.kind IS
'trade, opening, transfer, adjustment or funding; split and so on for a corporate action.';

COMMENT ON COLUMN api.archive_rows.identity IS
'Identifies the entry when a message is repeated; unique within its account.';

COMMENT ON COLUMN api.archive_rows.order_id IS 'The order of the entry; null if unknown.';

COMMENT ON COLUMN api.archive_rows.quantity IS
'Quantity, signed: + buy, - sell; for an opening or an adjustment, the size it sets.';

COMMENT ON COLUMN api.archive_rows.price IS
'Quote currency; null for funding and for a transfer at cost.';

COMMENT ON COLUMN api.archive_rows.fee IS
'Settlement currency: the fee as counted; a rebate is negative.';

COMMENT ON COLUMN api.archive_rows.fee_currency IS
'The currency the fee was charged in; null: the settlement currency.';

COMMENT ON COLUMN api.archive_rows.fee_native IS
'The fee as charged, in fee_currency; null if that is the settlement currency.';

COMMENT ON COLUMN api.archive_rows.fee_rate IS
'Value of one unit of fee_native; 0: the fee was deducted from the quantity.';

COMMENT ON COLUMN api.archive_rows.amount IS
'Settlement currency: the value, if it is not the quantity at the price; else null.';

COMMENT ON COLUMN api.archive_rows.realized IS
'Settlement currency: of an opening the realized PnL carried over; of others see pms.entries.';

COMMENT ON COLUMN api.archive_rows.closing_price IS
'Quote currency: the price at which an adjustment realizes what it closes; else null.';

COMMENT ON COLUMN api.archive_rows.closing_source IS
'The source of closing_price: venue, price or decision.';

COMMENT ON COLUMN api.archive_rows.cause IS
'The reason for an opening or an adjustment: venue_average, venue_size, adoption or import.';

COMMENT ON COLUMN api.archive_rows.counter_account IS 'For a transfer, the other account.';

COMMENT ON COLUMN api.archive_rows.book IS
'The book that the fill or the funding named; null: none.';

COMMENT ON COLUMN api.archive_rows.amends IS
'For a correction, the identity of the entry it replaces.';

COMMENT ON COLUMN api.archive_rows.source IS
'The origin of the entry: order_execution, api, venue, validation or import.';

COMMENT ON COLUMN api.archive_rows.trace_id IS 'The trace id of the message or request.';

COMMENT ON COLUMN api.archive_rows.recorded_at IS 'When the service recorded the entry.';

COMMENT ON COLUMN api.archive_rows.version IS
'The version of the leg after the entry was recorded.';

COMMENT ON COLUMN api.archive_rows.void_cause IS
'bust, correction or recount if the entry no longer counts; null if it counts.';

COMMENT ON COLUMN api.archive_rows.amendment IS
'The identity of what voided it; null if it counts.';

COMMENT ON COLUMN api.archive_rows.voided_at IS 'When the entry was voided.';

COMMENT ON COLUMN api.archive_rows.void_source IS 'The origin of what voided it.';

COMMENT ON COLUMN api.archive_rows.void_trace_id IS 'The trace id of what voided it.';

COMMENT ON COLUMN api.archive_rows.leg_id IS
'The number of the leg; the rows of an archive are sorted by it.';

COMMENT ON COLUMN api.archive_rows.occurrence IS
'Numbers the entries of a partition that share an identity key.';

GRANT SELECT ON api.archive_rows TO pms_operator;
