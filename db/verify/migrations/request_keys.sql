-- Verify position_manager:migrations/request_keys on pg

SELECT
    key_id,
    request_key,
    command,
    digest,
    status,
    answer,
    created_at
FROM pms.request_keys
WHERE FALSE;

SELECT NULL::pms.command;
