SELECT
    recorded_at,
    id,
    key_id,
    role,
    command,
    arguments,
    account,
    asset,
    outcome,
    trace_id
FROM pms.audit
WHERE FALSE;
