CREATE OR REPLACE FUNCTION pms.reconcile_venue_reports(
    keys pms.leg_key[],
    recorded_at timestamptz,
    locked pms.leg_key[]
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_found CONSTANT pms.finding[] := ARRAY(
        SELECT f FROM pms.venue_findings(pms.compare_venue_reports(keys), TRUE) f
    );
    -- Executions are the authority on sizes: a size waits for validation.
    v_due CONSTANT pms.finding[] := ARRAY(
        SELECT f
        FROM unnest(v_found) f
        WHERE f.is_fixable
            AND f.kind IN ('average_price', 'adoption')
            AND NOT pms.is_dismissed(f)
    );
    v_of_modes CONSTANT pms.leg_key[] := pms.legs_to_review_by_mode(keys);
    v_concerned pms.leg_key[];
    v_unlocked pms.leg_key[];
    v_changed pms.changed_leg[] := ARRAY[]::pms.changed_leg[];
BEGIN
    UPDATE pms.venue_positions v
    SET unexplained_since = w.since
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            CASE
                WHEN f.kind = 'adoption'
                    THEN coalesce(n.unexplained_since, least(n.recorded_at, clock_timestamp()))
            END AS since
        FROM unnest(keys) k
        INNER JOIN pms.venue_positions n
            ON (k.account, k.asset, k.mode, k.leg) = (n.account, n.asset, n.mode, n.leg)
        LEFT JOIN unnest(v_found) f
            ON (k.account, k.asset, k.mode, k.leg) = (f.account, f.asset, f.mode, f.leg)
        -- Computes since once (ADR 0002).
        OFFSET 0
    ) w
    WHERE (v.account, v.asset, v.mode, v.leg) = (w.account, w.asset, w.mode, w.leg)
        AND v.unexplained_since IS DISTINCT FROM w.since;

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
    -- Most reports agree with us: nothing is written for those.
    IF v_concerned = '{}' AND v_of_modes = '{}' THEN
        RETURN v_changed;
    END IF;

    -- A flat report about a leg that was created meanwhile, or a leg of the other mode.
    v_unlocked := ARRAY(
        SELECT k FROM unnest(v_concerned || v_of_modes) k WHERE k <> ALL(locked)
    );
    IF v_unlocked <> '{}' THEN
        PERFORM pms.lock_legs(v_unlocked);
        RETURN pms.reconcile_venue_reports(keys, recorded_at, locked || v_unlocked);
    END IF;

    IF v_of_modes <> '{}' THEN
        PERFORM pms.review_modes(keys);
    END IF;

    IF v_due <> '{}' THEN
        v_changed := pms.post_entries(pms.adjustment_entries(v_due, recorded_at, 'venue'));
    END IF;

    PERFORM pms.record_discrepancies(
        ARRAY(SELECT f FROM unnest(v_found) f WHERE NOT f.is_waiting AND f <> ALL(v_due)),
        v_due,
        'fixed',
        v_concerned,
        '{size,average_price,adoption}',
        NULL
    );

    RETURN v_changed;
END
$$;

COMMENT ON FUNCTION pms.reconcile_venue_reports IS
$$Apply the newest reports of the venue, as far as the rules allow; return the legs that changed

At once: its average, and a position that only the venue knows, when no fill has explained it for
venue_adoption_delay. A different size is recorded as a discrepancy, a different mode flags both
positions. The reports must be locked.
locked: the legs that are, at recorded_at; others are locked here when a discrepancy concerns them.
The caller publishes the positions.$$;
