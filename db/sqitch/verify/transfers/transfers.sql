SELECT
    account,
    transfer_id,
    to_account,
    asset,
    mode,
    leg,
    quantity,
    price,
    recorded_at,
    trace_id
FROM pms.transfers
WHERE FALSE;
