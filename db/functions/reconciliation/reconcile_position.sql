CREATE OR REPLACE FUNCTION pms.fixable_findings(
    findings pms.finding[],
    apply_fixes boolean,
    accepted uuid
)
RETURNS pms.finding[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT f
    FROM unnest(findings) f
    WHERE coalesce(pms.discrepancy_id(f) = accepted, FALSE)
        OR apply_fixes AND f.is_fixable AND NOT pms.is_dismissed(f)
)
$$;

COMMENT ON FUNCTION pms.fixable_findings IS $$Of what was found, what is to be settled now

What the rules allow when apply_fixes, unless a person has dismissed it; and the accepted one.$$;

CREATE OR REPLACE FUNCTION pms.settled_finding(f pms.finding, status text)
RETURNS pms.finding
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    f.status := settled_finding.status;
    RETURN f;
END
$$;

COMMENT ON FUNCTION pms.settled_finding IS 'A finding that has come to this: fixed or accepted.';

CREATE OR REPLACE FUNCTION pms.rebuild_legs(
    account text,
    asset text,
    mode text,
    legs text[],
    recorded_at timestamptz,
    trace_id text
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.replay_legs(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, '-infinity'::timestamptz, 'restore',
            -- A row that was lost begins again where its entries alone had brought it.
            greatest(coalesce(f.entries, 0) - p.version, 0) + 1,
            rebuild_legs.recorded_at, rebuild_legs.trace_id
        )::pms.leg_change
        FROM pms.positions p
        LEFT JOIN pms.legs_from_ledger(rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode) f
            ON p.leg = f.leg
        WHERE p.account = rebuild_legs.account
            AND p.asset = rebuild_legs.asset
            AND p.mode = rebuild_legs.mode
            AND p.leg = ANY(rebuild_legs.legs)
    ));

    PERFORM pms.publish_position_events(
        ARRAY(
            SELECT (
                rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode, u.leg,
                rebuild_legs.trace_id, NULL
            )::pms.changed_leg
            FROM unnest(rebuild_legs.legs) u (leg)
        ),
        'validation'
    );
END
$$;

COMMENT ON FUNCTION pms.rebuild_legs IS $$Set stored legs to the fold of their entries, and tell

Their checkpoints are made anew as well. The legs must exist and be locked; recorded_at is what
locking them returned. One version more for each.$$;

CREATE OR REPLACE FUNCTION pms.reconcile_position(
    account text,
    asset text,
    mode text,
    apply_fixes boolean,
    honor_adoption_delay boolean,
    accepted uuid,
    trace_id text
)
RETURNS pms.reconciled_position
LANGUAGE plpgsql
-- Compiling a plan costs more than most checks take.
SET jit = off
AS $$
DECLARE
    v_kept CONSTANT text[] := ARRAY['stored_row', 'checkpoint'];
    v_keys CONSTANT pms.leg_key[] := ARRAY(
        SELECT (account, asset, mode, k.leg)::pms.leg_key FROM pms.position_legs(mode) k
    );
    v_found pms.finding[];
    v_rows pms.finding[];
    v_due pms.finding[];
    v_recorded_at timestamptz;
    v_is_changed boolean := FALSE;
    v_seen pms.discrepancies[];
BEGIN
    v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, honor_adoption_delay) f);

    -- Most positions are as they should be: nobody has to wait for the check of those.
    IF v_found = '{}' AND NOT EXISTS (
        SELECT 1
        FROM pms.discrepancies d
        WHERE (d.account, d.asset, d.mode)
            = (reconcile_position.account, reconcile_position.asset, reconcile_position.mode)
            AND d.status IN ('open', 'dismissed')
    )
    THEN
        RETURN ('{}', NULL, FALSE)::pms.reconciled_position;
    END IF;

    v_recorded_at := pms.lock_position(
        account, asset, mode,
        ARRAY(
            SELECT f.leg
            FROM unnest(v_found) f
            WHERE f.kind = 'adoption' AND (apply_fixes OR pms.discrepancy_id(f) = accepted)
        )
    );
    v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, honor_adoption_delay) f);

    -- The row first: the venue is compared with what the ledger says.
    v_due := pms.fixable_findings(v_found, apply_fixes, accepted);
    v_rows := ARRAY(
        SELECT pms.settled_finding(f, CASE WHEN apply_fixes THEN 'fixed' ELSE 'accepted' END)
        FROM unnest(v_due) f
        WHERE f.kind = ANY(v_kept)
    );
    IF v_rows <> '{}' THEN
        PERFORM pms.rebuild_legs(
            account, asset, mode, ARRAY(SELECT DISTINCT f.leg FROM unnest(v_rows) f),
            v_recorded_at, trace_id
        );
        v_is_changed := TRUE;
        v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, honor_adoption_delay) f);
        v_due := pms.fixable_findings(v_found, apply_fixes, accepted);
    END IF;

    v_due := ARRAY(SELECT f FROM unnest(v_due) f WHERE f.target_cost IS NOT NULL);
    IF v_due <> '{}' THEN
        PERFORM pms.post_adjustments(v_due, v_recorded_at, 'validation', 'validation', trace_id);
        v_is_changed := TRUE;
    END IF;

    v_seen := pms.record_discrepancies(
        v_rows || ARRAY(
            SELECT CASE
                WHEN f <> ALL(v_due) THEN f
                WHEN f.is_fixable AND apply_fixes THEN pms.settled_finding(f, 'fixed')
                ELSE pms.settled_finding(f, 'accepted')
            END
            FROM unnest(v_found) f
        ),
        v_keys,
        '{size,average_price,adoption,stored_row,checkpoint,rule}',
        trace_id
    );
    PERFORM pms.publish_discrepancy_events(v_seen);

    RETURN (v_seen, NULL, v_is_changed)::pms.reconciled_position;
EXCEPTION
    -- An entry that cannot be valued. What was changed in here is undone.
    WHEN data_exception THEN
        RETURN (
            '{}', 'the ledger of this position cannot be folded', FALSE
        )::pms.reconciled_position;
END
$$;

COMMENT ON FUNCTION pms.reconcile_position IS
$$Find what is wrong with a position, and put right what may be

apply_fixes: rows that differ from their ledger are restored, what the venue says is stated where the
rules allow it, in one entry each. accepted: a discrepancy that a person wants settled by its
proposal, also where the rules do not allow it. What was dismissed stays as it is. What a person must
decide is announced.$$;
