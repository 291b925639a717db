-- Deploy position_manager:functions/pms/lock_position to pg
-- requires: functions/pms/lock_legs
-- requires: migrations/entries

BEGIN;

CREATE OR REPLACE FUNCTION pms.lock_position(
    account text,
    asset text,
    mode text,
    legs text[] DEFAULT '{}'
)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN pms.lock_legs(ARRAY(
        SELECT (lock_position.account, lock_position.asset, lock_position.mode, k.leg)::pms.leg_key
        FROM (
            SELECT p.leg
            FROM pms.positions p
            WHERE p.account = lock_position.account
                AND p.asset = lock_position.asset
                AND p.mode = lock_position.mode
            UNION
            SELECT e.leg
            FROM pms.entries e
            WHERE e.account = lock_position.account
                AND e.asset = lock_position.asset
                AND e.mode = lock_position.mode
            UNION
            SELECT l.leg
            FROM unnest(lock_position.legs) l (leg)
        ) k
    ));
END
$$;

COMMENT ON FUNCTION pms.lock_position IS $$Lock the legs of a position, also one whose row was lost

Returns what pms.lock_legs returns. Creates no leg that has no entry, except legs.$$;

COMMIT;
