SELECT
    id,
    feed,
    body,
    digest,
    reason,
    detail,
    trace_id,
    seen_count,
    first_seen_at,
    last_seen_at
FROM pms.rejected_messages
WHERE FALSE;
