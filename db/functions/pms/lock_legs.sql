-- Deploy position_manager:functions/pms/lock_legs to pg
-- requires: migrations/positions
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.lock_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.instruments (asset)
    SELECT DISTINCT k.asset
    FROM unnest(keys) k
    WHERE NOT EXISTS (SELECT 1 FROM pms.instruments i WHERE i.asset = k.asset)
    ORDER BY k.asset
    ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

    INSERT INTO pms.positions (account, asset, mode, leg, position_id)
    SELECT DISTINCT k.account, k.asset, k.mode, k.leg,
        pms.position_id(k.account, k.asset, k.mode)
    FROM unnest(keys) k
    WHERE NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
    )
    ORDER BY k.account, k.asset, k.mode, k.leg
    ON CONFLICT ON CONSTRAINT positions_pkey DO NOTHING;

    -- The row locks are what makes two batches on one leg take turns; taken in the order of
    -- the key, so that two batches can never wait for each other.
    PERFORM 1
    FROM pms.positions p
    INNER JOIN (SELECT DISTINCT u.account, u.asset, u.mode, u.leg FROM unnest(keys) u) k
        ON p.account = k.account AND p.asset = k.asset AND p.mode = k.mode AND p.leg = k.leg
    ORDER BY p.account, p.asset, p.mode, p.leg
    FOR UPDATE OF p;
END
$$;

COMMENT ON FUNCTION pms.lock_legs IS $$Lock the legs a batch may change, creating those that are new

A leg created here and never changed has version 0 and is shown to nobody.$$;

COMMIT;
