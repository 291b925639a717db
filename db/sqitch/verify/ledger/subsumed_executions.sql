SELECT
    account,
    identity,
    order_id,
    asset,
    leg,
    quantity,
    price,
    fee,
    counted_quantity,
    counted_price,
    counted_fee,
    recorded_at,
    trace_id
FROM pms.subsumed_executions
WHERE FALSE;
