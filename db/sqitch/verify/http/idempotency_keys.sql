SELECT
    key_id,
    request_key,
    command,
    digest,
    status,
    answer,
    created_at
FROM pms.idempotency_keys
WHERE FALSE;
