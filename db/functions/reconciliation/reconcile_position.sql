CREATE OR REPLACE FUNCTION pms.due_findings(
    findings pms.finding[],
    is_fixing boolean,
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
        OR is_fixing AND f.is_fixable AND NOT pms.is_dismissed(f)
)
$$;

COMMENT ON FUNCTION pms.due_findings IS $$Of what was found, what is to be settled now

What the rules allow when is_fixing, unless a person has dismissed it; and the accepted one.$$;

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

CREATE OR REPLACE FUNCTION pms.restore_legs(
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
    PERFORM pms.refold_legs(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, '-infinity'::timestamptz, 'restore',
            -- A row that was lost begins again where its entries alone had brought it.
            greatest(coalesce(f.entries, 0) - p.version, 0) + 1,
            restore_legs.recorded_at, restore_legs.trace_id
        )::pms.leg_change
        FROM pms.positions p
        LEFT JOIN pms.folded_legs(restore_legs.account, restore_legs.asset, restore_legs.mode) f
            ON p.leg = f.leg
        WHERE p.account = restore_legs.account
            AND p.asset = restore_legs.asset
            AND p.mode = restore_legs.mode
            AND p.leg = ANY(restore_legs.legs)
    ));

    PERFORM pms.announce_positions(
        ARRAY(
            SELECT (restore_legs.account, restore_legs.asset, restore_legs.mode, u.leg)::pms.leg_key
            FROM unnest(restore_legs.legs) u (leg)
        ),
        array_fill(restore_legs.trace_id, ARRAY[cardinality(restore_legs.legs)]),
        'validation'
    );
END
$$;

COMMENT ON FUNCTION pms.restore_legs IS $$Set stored legs to the fold of their entries, and tell

Their checkpoints are made anew as well. The legs must exist and be locked; recorded_at is what
locking them returned. One version more for each.$$;

CREATE OR REPLACE FUNCTION pms.check_position(
    account text,
    asset text,
    mode text,
    is_fixing boolean,
    is_patient boolean,
    accepted uuid,
    trace_id text
)
RETURNS pms.checked
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
    v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, is_patient) f);

    -- Most positions are as they should be: nobody has to wait for the check of those.
    IF v_found = '{}' AND NOT EXISTS (
        SELECT 1
        FROM pms.discrepancies d
        WHERE (d.account, d.asset, d.mode)
            = (check_position.account, check_position.asset, check_position.mode)
            AND d.status IN ('open', 'dismissed')
    )
    THEN
        RETURN ('{}', NULL, FALSE)::pms.checked;
    END IF;

    v_recorded_at := pms.lock_position(
        account, asset, mode,
        ARRAY(
            SELECT f.leg
            FROM unnest(v_found) f
            WHERE f.kind = 'adoption' AND (is_fixing OR pms.discrepancy_id(f) = accepted)
        )
    );
    v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, is_patient) f);

    -- The row first: the venue is compared with what the ledger says.
    v_due := pms.due_findings(v_found, is_fixing, accepted);
    v_rows := ARRAY(
        SELECT pms.settled_finding(f, CASE WHEN is_fixing THEN 'fixed' ELSE 'accepted' END)
        FROM unnest(v_due) f
        WHERE f.kind = ANY(v_kept)
    );
    IF v_rows <> '{}' THEN
        PERFORM pms.restore_legs(
            account, asset, mode, ARRAY(SELECT DISTINCT f.leg FROM unnest(v_rows) f),
            v_recorded_at, trace_id
        );
        v_is_changed := TRUE;
        v_found := ARRAY(SELECT f FROM pms.position_findings(account, asset, mode, is_patient) f);
        v_due := pms.due_findings(v_found, is_fixing, accepted);
    END IF;

    v_due := ARRAY(SELECT f FROM unnest(v_due) f WHERE f.target_cost IS NOT NULL);
    IF v_due <> '{}' THEN
        PERFORM pms.post_findings(v_due, v_recorded_at, 'validation', 'validation', trace_id);
        v_is_changed := TRUE;
    END IF;

    v_seen := pms.keep_discrepancies(
        v_rows || ARRAY(
            SELECT CASE
                WHEN f <> ALL(v_due) THEN f
                WHEN f.is_fixable AND is_fixing THEN pms.settled_finding(f, 'fixed')
                ELSE pms.settled_finding(f, 'accepted')
            END
            FROM unnest(v_found) f
        ),
        v_keys,
        '{size,average_price,adoption,stored_row,checkpoint,rule}',
        trace_id
    );
    PERFORM pms.announce_discrepancies(v_seen);

    RETURN (v_seen, NULL, v_is_changed)::pms.checked;
EXCEPTION
    -- An entry that cannot be valued. What was changed in here is undone.
    WHEN data_exception THEN
        RETURN (
            '{}', 'the ledger of this position cannot be folded', FALSE
        )::pms.checked;
END
$$;

COMMENT ON FUNCTION pms.check_position IS
$$Find what is wrong with a position, and put right what may be

is_fixing: rows that differ from their ledger are restored, what the venue says is stated where the
rules allow it, in one entry each. accepted: a discrepancy that a person wants settled by its
proposal, also where the rules do not allow it. What was dismissed stays as it is. What a person must
decide is announced.$$;
