-- Deploy position_manager:functions/pms/check_position to pg
-- requires: functions/pms/announce_discrepancies
-- requires: functions/pms/discrepancy_id
-- requires: functions/pms/due_findings
-- requires: functions/pms/keep_discrepancies
-- requires: functions/pms/lock_position
-- requires: functions/pms/position_findings
-- requires: functions/pms/post_findings
-- requires: functions/pms/restore_legs
-- requires: functions/pms/settled_finding

BEGIN;

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

COMMIT;
