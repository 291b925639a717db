CREATE OR REPLACE FUNCTION pms.next_positions(after pms.position_key, size integer)
RETURNS SETOF pms.position_key
LANGUAGE sql
STABLE
AS $$
-- From key to key by index: neither table is read in full.
WITH RECURSIVE walk AS (
    SELECT
        coalesce((next_positions.after).account, '') AS account,
        coalesce((next_positions.after).asset, '') AS asset,
        coalesce((next_positions.after).mode, '') AS mode,
        0 AS place
    UNION ALL
    SELECT n.account, n.asset, n.mode, w.place + 1
    FROM walk w
    CROSS JOIN LATERAL (
        SELECT c.account, c.asset, c.mode
        FROM (
            (
                SELECT p.account, p.asset, p.mode
                FROM pms.positions p
                WHERE (p.account, p.asset, p.mode) > (w.account, w.asset, w.mode)
                ORDER BY p.account, p.asset, p.mode
                LIMIT 1
            )
            UNION ALL
            -- A row that was lost has entries still.
            (
                SELECT l.account, l.asset, l.mode
                FROM pms.legs l
                WHERE (l.account, l.asset, l.mode) > (w.account, w.asset, w.mode)
                    AND EXISTS (SELECT 1 FROM pms.entries e WHERE e.leg_id = l.leg_id)
                ORDER BY l.account, l.asset, l.mode
                LIMIT 1
            )
            UNION ALL
            -- What only the venue knows.
            (
                SELECT v.account, v.asset, v.mode
                FROM pms.venue_positions v
                WHERE (v.account, v.asset, v.mode) > (w.account, w.asset, w.mode)
                ORDER BY v.account, v.asset, v.mode
                LIMIT 1
            )
        ) c
        ORDER BY c.account, c.asset, c.mode
        LIMIT 1
    ) n
    WHERE w.place < next_positions.size
)

SELECT w.account, w.asset, w.mode
FROM walk w
WHERE w.place > 0
ORDER BY w.place
$$;

COMMENT ON FUNCTION pms.next_positions IS
$$The next positions after one, stored, lost or only reported

after null: from the first. At most `size`.$$;
