CREATE OR REPLACE FUNCTION pms.reconcile_venue_reports(keys pms.leg_key[])
RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    v_found pms.finding[];
    v_concerned pms.leg_key[];
    v_due pms.finding[];
    v_recorded_at timestamptz;
BEGIN
    v_found := ARRAY(SELECT f FROM pms.venue_findings(keys, TRUE) f);

    UPDATE pms.venue_positions v
    SET unexplained_since = w.since
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            CASE WHEN f.kind = 'adoption' THEN coalesce(n.unexplained_since, n.recorded_at) END
            AS since
        FROM unnest(keys) k
        INNER JOIN pms.venue_positions n
            ON k.account = n.account AND k.asset = n.asset AND k.mode = n.mode AND k.leg = n.leg
        LEFT JOIN unnest(v_found) f
            ON k.account = f.account AND k.asset = f.asset AND k.mode = f.mode AND k.leg = f.leg
        OFFSET 0
    ) w
    WHERE v.account = w.account
        AND v.asset = w.asset
        AND v.mode = w.mode
        AND v.leg = w.leg
        AND v.unexplained_since IS DISTINCT FROM w.since;

    -- Most reports say what we know; nobody is locked for those.
    v_concerned := ARRAY(
        SELECT k
        FROM unnest(keys) k
        WHERE EXISTS (
            SELECT 1
            FROM unnest(v_found) f
            WHERE (f.account, f.asset, f.mode, f.leg) = (k.account, k.asset, k.mode, k.leg)
                AND NOT f.is_waiting
        )
        OR EXISTS (
            SELECT 1
            FROM pms.discrepancies d
            WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
                AND d.status IN ('open', 'dismissed')
        )
    );
    IF v_concerned = '{}' THEN
        RETURN 0;
    END IF;

    v_recorded_at := pms.lock_legs(v_concerned);
    v_found := ARRAY(
        SELECT f FROM pms.venue_findings(v_concerned, TRUE) f WHERE NOT f.is_waiting
    );

    -- Of sizes, executions are the authority: those wait for a validation.
    v_due := ARRAY(
        SELECT f
        FROM unnest(v_found) f
        WHERE f.is_fixable
            AND f.kind IN ('average_price', 'adoption')
            AND NOT pms.is_dismissed(f)
    );
    PERFORM pms.post_adjustments(v_due, v_recorded_at, 'venue', 'websocket', NULL);

    PERFORM pms.record_discrepancies(
        ARRAY(SELECT f FROM unnest(v_found) f WHERE f <> ALL(v_due)),
        v_due,
        'fixed',
        v_concerned,
        '{size,average_price,adoption}',
        NULL
    );

    RETURN cardinality(v_due);
END
$$;

COMMENT ON FUNCTION pms.reconcile_venue_reports IS
$$Take the newest reports of the venue at their word, as far as the rules go

At once: its average, and a position that it alone knows, when no fill has explained it for
venue_adoption_delay. Another size is kept as a discrepancy. Returns how many legs were stated anew.
The reports must be locked.$$;
