CREATE OR REPLACE FUNCTION pms.adopt_unexplained_positions()
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_keys pms.leg_key[];
    v_changed pms.changed_leg[];
BEGIN
    PERFORM pms.lock_rules();

    v_keys := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
        FROM pms.venue_positions v
        CROSS JOIN pms.settings s
        WHERE v.unexplained_since IS NOT NULL
            AND (
                v.unexplained_since <= clock_timestamp() - s.venue_adoption_delay
                -- Of before the clock was set back.
                OR v.unexplained_since > clock_timestamp()
            )
            -- A position that cannot be adopted waits for another report, or for a person.
            AND NOT EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (v.account, v.asset, v.mode, v.leg)
                    AND d.kind = 'adoption'
                    AND d.status IN ('open', 'dismissed')
            )
        ORDER BY v.account, v.asset, v.mode, v.leg
        LIMIT 100
        -- A session that holds one is about to apply it.
        FOR UPDATE OF v SKIP LOCKED
    );

    IF v_keys = '{}' THEN
        RETURN 0;
    END IF;

    v_changed := pms.reconcile_venue_reports(v_keys, pms.lock_legs(v_keys), v_keys);
    PERFORM pms.publish_position_events(v_changed, 'websocket');

    RETURN cardinality(v_changed);
END
$$;

COMMENT ON FUNCTION pms.adopt_unexplained_positions IS
$$Adopt positions that only the venue knows, once no fill has explained them

After venue_adoption_delay with reports and without an entry. Returns the number adopted. Cheap when
there is none, so that it can run every second.$$;

GRANT EXECUTE ON FUNCTION pms.adopt_unexplained_positions TO pms_worker;
