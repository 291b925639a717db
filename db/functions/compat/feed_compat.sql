CREATE OR REPLACE FUNCTION pms.compat_changes()
RETURNS SETOF pms.position_key
LANGUAGE sql
STABLE
AS $$
SELECT
    'main' AS account,
    coalesce(c.asset, k.asset) AS asset,
    coalesce(c.mode, k.mode) AS mode
FROM (
    SELECT
        p.asset,
        p.mode,
        sum(p.version)::bigint AS version,
        max(p.updated_at) AS updated_at,
        max(p.last_snapshot_at) AS last_snapshot_at,
        min(m.mark_price) AS mark_price
    FROM pms.positions p
    CROSS JOIN pms.settings s
    LEFT JOIN pms.prices m ON p.asset = m.asset
    WHERE p.account = 'main'
        AND p.version <> 0
        AND s.compat
    GROUP BY p.asset, p.mode
) c
FULL JOIN compat.positions k ON c.asset = k.asset AND c.mode = k.mode
WHERE (c.version, c.updated_at, c.last_snapshot_at, c.mark_price)
    IS DISTINCT FROM (k.version, k.last_updated, k.last_snapshot_at, k.current_price)
$$;

COMMENT ON FUNCTION pms.compat_changes IS $$The rows of compat.positions that are not as counted

Found by what every change of a position changes, at the cost of one look at each. While the setting
is off, all rows are.$$;

CREATE OR REPLACE FUNCTION pms.feed_compat()
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
SET lock_timeout = '50ms'
AS $$
DECLARE
    v_keys pms.position_key[] := ARRAY(SELECT c FROM pms.compat_changes() c);
    v_counted compat.positions[];
BEGIN
    IF v_keys = '{}' THEN
        RETURN;
    END IF;

    IF (SELECT s.compat FROM pms.settings s) THEN
        v_counted := ARRAY(SELECT c FROM pms.compat_positions_of(v_keys) c);
    END IF;

    WITH free AS (
        -- A row that another service has written waits for the end of its transaction.
        SELECT p.ctid AS place, p.asset, p.mode
        FROM unnest(v_keys) k
        INNER JOIN compat.positions p ON k.asset = p.asset AND k.mode = p.mode
        ORDER BY p.asset, p.mode
        FOR UPDATE OF p SKIP LOCKED
    ),

    changed AS (
        UPDATE compat.positions p
        SET (
                id, size, average_entry_price, current_price, unrealized_pnl, realized_pnl,
                long_size, short_size, long_avg_price, short_avg_price, version,
                last_updated, last_snapshot_at, closed_at, created_at
            ) = (
                c.id, c.size, c.average_entry_price, c.current_price, c.unrealized_pnl,
                c.realized_pnl, c.long_size, c.short_size, c.long_avg_price, c.short_avg_price,
                c.version, c.last_updated, c.last_snapshot_at, c.closed_at, c.created_at
            )
        FROM free f
        INNER JOIN unnest(v_counted) c ON f.asset = c.asset AND f.mode = c.mode
        WHERE p.ctid = f.place
    )

    DELETE FROM compat.positions p
    USING free f
    LEFT JOIN unnest(v_counted) c ON f.asset = c.asset AND f.mode = c.mode
    WHERE p.ctid = f.place
        AND c.asset IS NULL;

    BEGIN
        INSERT INTO compat.positions
        SELECT c.*
        FROM unnest(v_counted) c
        WHERE NOT EXISTS (
                SELECT FROM compat.positions p WHERE p.asset = c.asset AND p.mode = c.mode
            )
        ORDER BY c.asset, c.mode
        ON CONFLICT ON CONSTRAINT positions_pkey DO NOTHING;
    EXCEPTION
        WHEN lock_not_available THEN
            -- Another service has written the position before it was here: see above.
            RETURN;
    END;
END
$$;

COMMENT ON FUNCTION pms.feed_compat IS $$Bring compat.positions to what is counted of account main

Empties it while the setting is off. Compares, so it does not matter what was missed or restored.
Waits for no transaction of another service: rows that one holds are left to the next call.$$;

GRANT EXECUTE ON FUNCTION pms.feed_compat TO pms_worker;
