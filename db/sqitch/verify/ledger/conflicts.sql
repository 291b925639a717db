SELECT
    id,
    account,
    identity,
    recorded,
    received,
    digest,
    seen_count,
    first_seen_at,
    last_seen_at,
    trace_id
FROM pms.conflicts
WHERE FALSE;
