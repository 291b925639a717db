SELECT
    account,
    identity,
    amends,
    cause,
    side,
    quantity,
    price,
    fee,
    fee_currency,
    executed_at,
    amended_at,
    recorded_at,
    applied_at,
    source,
    trace_id
FROM pms.amendments
WHERE FALSE;
