-- Verify position_manager:migrations/orders on pg

SELECT account, order_id, applied
FROM pms.orders
WHERE FALSE;

SELECT
    account,
    identity,
    order_id,
    asset,
    leg,
    quantity,
    price,
    fee,
    recorded_at,
    trace_id
FROM pms.covered_fills
WHERE FALSE;
