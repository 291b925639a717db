-- Deploy position_manager:functions/pms/post_voids to pg
-- requires: migrations/entries
-- requires: migrations/types
-- requires: migrations/unconverted_fees
-- requires: migrations/voids

BEGIN;

CREATE OR REPLACE FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[])
RETURNS pms.leg_change[]
LANGUAGE sql
AS $$
WITH entry AS MATERIALIZED (
    SELECT
        e.account, e.id, e.asset, e.mode, e.leg, v.cause, v.amendment, v.recorded_at, v.source,
        v.trace_id,
        e.fee_native IS NOT NULL AND e.fee_rate IS NULL AS is_unconverted
    FROM unnest(post_voids.voids) v
    INNER JOIN pms.entries e ON v.account = e.account AND v.identity = e.identity
),

voided AS (
    INSERT INTO pms.voids (account, entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT n.account, n.id, n.cause, n.amendment, n.recorded_at, n.source, n.trace_id
    FROM entry n
),

unconverted AS (
    UPDATE pms.unconverted_fees u
    SET fees = u.fees - g.fees
    FROM (
        SELECT n.account, n.asset, n.mode, n.leg, count(*) AS fees
        FROM entry n
        WHERE n.is_unconverted
        GROUP BY n.account, n.asset, n.mode, n.leg
    ) g
    WHERE u.account = g.account
        AND u.asset = g.asset
        AND u.mode = g.mode
        AND u.leg = g.leg
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
