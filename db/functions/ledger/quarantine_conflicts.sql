CREATE OR REPLACE FUNCTION pms.quarantine_conflicts(
    messages jsonb[],
    events pms.order_event[],
    amendments pms.amendment_event[],
    recorded_at timestamptz
)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.conflicts AS k (
    account, identity, recorded, received, seen_count, first_seen_at, last_seen_at, trace_id
)
SELECT DISTINCT ON (c.account, c.identity, c.received)
    c.account, c.identity, c.recorded, c.received,
    count(*) OVER (PARTITION BY c.account, c.identity, c.received),
    quarantine_conflicts.recorded_at, quarantine_conflicts.recorded_at, c.trace_id
FROM (
    SELECT
        u.account,
        u.identity,
        u.trace_id,
        coalesce(
            (
                SELECT to_jsonb(v)
                FROM pms.subsumed_executions v
                WHERE v.account = u.account
                    AND v.identity = u.identity
            ),
            (
                SELECT to_jsonb(e)
                FROM pms.entries e
                WHERE e.account = u.account
                    AND e.identity = u.identity
            ),
            (
                SELECT to_jsonb(a)
                FROM pms.amendments a
                WHERE a.account = u.account
                    AND a.identity = u.identity
            )
        ) AS recorded,
        -- Sent again it has another trace and is the same contradiction.
        quarantine_conflicts.messages[u.ordinal] - 'trace_id' AS received
    FROM (
        SELECT e.ordinal, e.account, e.identity, e.trace_id
        FROM unnest(quarantine_conflicts.events) e
        WHERE e.reason = 'identity_conflict'
        UNION ALL
        SELECT a.ordinal, a.account, a.identity, a.trace_id
        FROM unnest(quarantine_conflicts.amendments) a
        WHERE a.reason = 'identity_conflict'
    ) u
) c
-- What it contradicts may have been refused itself, in the same batch.
WHERE c.recorded IS NOT NULL
ON CONFLICT ON CONSTRAINT conflicts_version_key DO UPDATE
SET seen_count = k.seen_count + excluded.seen_count,
    last_seen_at = excluded.last_seen_at
$$;

COMMENT ON FUNCTION pms.quarantine_conflicts IS
$$Keep both versions of what contradicts the ledger

One row for each different version received; sent again it is only counted. Call it when the
version that counts is stored.$$;
