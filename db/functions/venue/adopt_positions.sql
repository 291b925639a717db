CREATE OR REPLACE FUNCTION pms.adopt_unexplained_positions()
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_keys pms.leg_key[];
BEGIN
    v_keys := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
        FROM pms.venue_positions v
        CROSS JOIN pms.settings s
        WHERE v.unexplained_since IS NOT NULL
            AND v.unexplained_since <= clock_timestamp() - s.venue_adoption_delay
            -- What cannot be adopted waits for another report, or for a person.
            AND NOT EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (v.account, v.asset, v.mode, v.leg)
                    AND d.kind = 'adoption'
                    AND d.status IN ('open', 'dismissed')
            )
        ORDER BY v.account, v.asset, v.mode, v.leg
        LIMIT 100
        -- Whoever holds one is about to look at it.
        FOR UPDATE OF v SKIP LOCKED
    );

    IF v_keys = '{}' THEN
        RETURN 0;
    END IF;

    RETURN pms.reconcile_venue_reports(v_keys);
END
$$;

COMMENT ON FUNCTION pms.adopt_unexplained_positions IS
$$Adopt what only the venue knows, once no fill has explained it

Positions of which we have had reports and no entry for venue_adoption_delay. Returns how many were
adopted. Cheap when there are none, so that it may be called every second.$$;

GRANT EXECUTE ON FUNCTION pms.adopt_unexplained_positions TO pms_worker;
