CREATE OR REPLACE VIEW pms.archived_entries AS
SELECT
    e.account,
    e.asset,
    e.mode,
    e.leg,
    e.executed_at,
    e.id,
    e.kind,
    e.identity,
    e.order_id,
    e.quantity,
    e.price,
    e.fee,
    e.fee_currency,
    e.fee_native,
    e.fee_rate,
    e.amount,
    e.realized,
    e.closing_price,
    e.closing_source,
    e.cause,
    e.counter_account,
    e.book,
    e.amends,
    e.source,
    e.trace_id,
    e.recorded_at,
    e.version,
    v.cause AS void_cause,
    v.amendment,
    v.recorded_at AS voided_at,
    v.source AS void_source,
    v.trace_id AS void_trace_id,
    e.leg_id,
    n.occurrence
FROM pms.ledger_entries e
INNER JOIN pms.entries n ON e.id = n.id AND e.executed_at = n.executed_at
LEFT JOIN pms.voids v ON e.id = v.entry_id;

COMMENT ON VIEW pms.archived_entries IS
$$Entries of the ledger as the archive has them: in words, with what voided them

Columns as in pms.ledger_entries and pms.voids; leg_id and occurrence are for the restoration.$$;
