-- Deploy position_manager:functions/pms/post_voids to pg
-- requires: migrations/entries
-- requires: migrations/types
-- requires: migrations/voids

BEGIN;

CREATE OR REPLACE FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[])
RETURNS pms.leg_change[]
LANGUAGE sql
AS $$
WITH voided AS (
    INSERT INTO pms.voids (account, entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT e.account, e.id, v.cause, v.amendment, v.recorded_at, v.source, v.trace_id
    FROM unnest(post_voids.voids) v
    INNER JOIN pms.entries e ON v.account = e.account AND v.identity = e.identity
)

SELECT array_agg((
    c.account, c.asset, c.mode, c.leg, c.since, c.cause, c.steps, c.recorded_at, c.trace_id
)::pms.leg_change)
FROM (
    SELECT
        u.account, u.asset, u.mode, u.leg,
        min(u.since) AS since,
        -- A bust says most of why, a correction more than a late entry.
        min(u.cause) AS cause,
        sum(u.steps)::bigint AS steps,
        max(u.recorded_at) AS recorded_at,
        max(u.trace_id) AS trace_id
    FROM (
        SELECT l.* FROM unnest(post_voids.changes) l
        UNION ALL
        SELECT
            v.account, v.asset, v.mode, v.leg, v.executed_at, v.cause, 1, v.recorded_at, v.trace_id
        FROM unnest(post_voids.voids) v
    ) u
    GROUP BY u.account, u.asset, u.mode, u.leg
) c
$$;

COMMENT ON FUNCTION pms.post_voids IS $$Enter voids into the ledger; return the legs that change

The entries they void must be stored, the legs locked. changes: the legs whose past changes for
other reasons; null: none.$$;

COMMIT;
