-- Deploy position_manager:functions/pms/flag_legs to pg
-- requires: migrations/discrepancies
-- requires: migrations/positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.flag_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pms.positions p
    SET needs_review = r.needs_review
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE d.account = k.account
                    AND d.asset = k.asset
                    AND d.mode = k.mode
                    AND d.leg = k.leg
                    AND d.status = 'open'
            ) AS needs_review
        FROM unnest(flag_legs.keys) k
        OFFSET 0
    ) r
    WHERE p.account = r.account
        AND p.asset = r.asset
        AND p.mode = r.mode
        AND p.leg = r.leg
        AND p.needs_review <> r.needs_review;
END
$$;

COMMENT ON FUNCTION pms.flag_legs IS $$Have legs need review, or no longer

A leg needs review as long as a discrepancy of it is open. The legs must be locked.$$;

COMMIT;
