-- Deploy position_manager:functions/pms/forget_prices to pg
-- requires: functions/pms/time_text
-- requires: migrations/price_minutes
-- requires: migrations/settings

BEGIN;

CREATE OR REPLACE FUNCTION pms.forget_prices()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_since timestamptz := (SELECT now() - s.price_retention FROM pms.settings s);
    v_forgotten bigint;
BEGIN
    -- Asset by asset, along the key: the whole history is never read. In the order in which
    -- prices are merged, so that neither waits for the other in turn.
    WITH old AS MATERIALIZED (
        SELECT o.asset, o.minute
        FROM pms.prices m
        CROSS JOIN LATERAL (
            SELECT h.asset, h.minute
            FROM pms.price_minutes h
            WHERE h.asset = m.asset
                AND h.minute < v_since
            ORDER BY h.minute
            FOR UPDATE SKIP LOCKED
        ) o
    )

    DELETE FROM pms.price_minutes h
    USING old o
    WHERE h.asset = o.asset
        AND h.minute = o.minute;

    GET DIAGNOSTICS v_forgotten = ROW_COUNT;

    RETURN format(
        '%s minutes of prices from before %s forgotten', v_forgotten, pms.time_text(v_since)
    );
END
$$;

COMMENT ON FUNCTION pms.forget_prices IS $$Delete the price history beyond price_retention

Says what it did. The newest price of an asset stays, however old.$$;

COMMIT;
