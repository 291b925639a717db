CREATE OR REPLACE FUNCTION pms.compat_positions_of(keys pms.position_key[])
RETURNS SETOF compat.positions
LANGUAGE sql
STABLE
AS $$
SELECT
    p.id,
    p.asset,
    p.mode,
    p.size,
    p.average_entry_price,
    p.current_price,
    p.unrealized_pnl,
    p.realized_pnl,
    p.long_size,
    p.short_size,
    l.long_avg_price,
    l.short_avg_price,
    p.version,
    p.last_updated,
    p.last_snapshot_at,
    p.closed_at,
    p.created_at
FROM pms.current_positions_of(compat_positions_of.keys) p
CROSS JOIN LATERAL (
    SELECT
        min(h.average_price) FILTER (WHERE h.leg = 'long') AS long_avg_price,
        min(h.average_price) FILTER (WHERE h.leg = 'short') AS short_avg_price
    FROM (
        SELECT
            (k.leg).leg,
            trim_scale(
                pms.average_price(
                    (k.leg).size, (k.leg).cost, (k.leg).multiplier, (k.leg).is_inverse
                )
            ) AS average_price
        FROM pms.priced_legs k
        WHERE (k.account, k.asset, k.mode) = (p.account, p.asset, p.mode)
        -- OFFSET 0 keeps the columns conditions of the index (ADR 0002).
        OFFSET 0  -- noqa: AM09
    ) h
) l
$$;

COMMENT ON FUNCTION pms.compat_positions_of IS $$Positions as rows of compat.positions, as counted

keys: each once. One that was never held has no row.$$;

CREATE OR REPLACE FUNCTION pms.compat_position(asset text, mode text)
RETURNS compat.positions
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    c_account CONSTANT text := 'main';
    v_asset text;
    v_mode text := lower(compat_position.mode);
    v_counted compat.positions;
BEGIN
    IF NOT (SELECT s.compat FROM pms.settings s) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = 'the tables of the schema compat are not kept',
            HINT = 'Set POSITION_MANAGER_COMPAT=on and deploy.';
    END IF;

    v_asset := (SELECT a.asset FROM pms.asset_of(compat_position.asset) a);
    SELECT * INTO v_counted
    FROM pms.compat_positions_of(ARRAY[(c_account, v_asset, v_mode)::pms.position_key]);
    IF FOUND THEN
        RETURN v_counted;
    END IF;

    v_counted.id := pms.position_id(c_account, v_asset, v_mode);
    v_counted.asset := v_asset;
    v_counted.mode := v_mode;
    v_counted.size := 0;
    v_counted.unrealized_pnl := 0;
    v_counted.realized_pnl := 0;
    IF v_mode = 'hedge' THEN
        v_counted.long_size := 0;
        v_counted.short_size := 0;
    END IF;
    v_counted.version := 0;
    v_counted.last_updated := now();
    v_counted.created_at := now();
    RETURN v_counted;
END
$$;

COMMENT ON FUNCTION pms.compat_position IS
$$The row that takes the place of one that another service writes

The position of account main as it is counted at this moment. One that was never held is flat and
has version 0: its row is deleted at the end of the statement. Called by the triggers of
compat.positions. Raises 55000 while the setting is off.$$;
