-- Verify position_manager:migrations/entries on pg

SELECT
    account,
    id,
    asset,
    mode,
    leg,
    kind,
    identity,
    order_id,
    quantity,
    price,
    fee,
    fee_currency,
    fee_native,
    fee_rate,
    amount,
    realized,
    version,
    amends,
    cause,
    counter_account,
    executed_at,
    recorded_at,
    source,
    trace_id
FROM pms.entries
WHERE FALSE;
