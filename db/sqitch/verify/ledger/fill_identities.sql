SELECT account, order_id, entry_id
FROM pms.execution_orders
WHERE FALSE;

SELECT
    id, account, identity, asset, mode, leg, order_id, quantity, price, fee, fee_currency,
    executed_at, message, source, detail, status, seen_count, first_seen_at, last_seen_at, trace_id
FROM pms.suspected_repeats
WHERE FALSE;

SELECT fee_currency, executed_at
FROM pms.subsumed_executions
WHERE FALSE;

SELECT named_asset, named_leg, named_side, named_order
FROM pms.amendments
WHERE FALSE;
