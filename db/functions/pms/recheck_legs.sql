-- Deploy position_manager:functions/pms/recheck_legs to pg
-- requires: functions/pms/keep_discrepancies
-- requires: functions/pms/venue_findings

BEGIN;

CREATE OR REPLACE FUNCTION pms.recheck_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.keep_discrepancies(
        ARRAY(
            SELECT f
            FROM pms.venue_findings(recheck_legs.keys, TRUE) f
            WHERE NOT f.is_waiting
        ),
        recheck_legs.keys,
        '{size,average_price,adoption}',
        NULL
    );
END
$$;

COMMENT ON FUNCTION pms.recheck_legs IS $$Compare legs with the venue again, and keep what differs

Changes no leg: what is applied to one that was flagged may have been what was missing. The legs
must be locked.$$;

COMMIT;
