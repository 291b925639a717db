-- Deploy position_manager:functions/pms/validate_position to pg
-- requires: functions/pms/lock_position
-- requires: functions/pms/ledger_discrepancies
-- requires: functions/pms/checkpoint_discrepancies
-- requires: functions/pms/rule_discrepancies
-- requires: functions/pms/venue_discrepancies
-- requires: functions/pms/restore_legs
-- requires: functions/pms/discrepancies_json
-- requires: functions/pms/discrepancies_text
-- requires: functions/pms/position_json

BEGIN;

CREATE OR REPLACE FUNCTION pms.validate_position(
    account text,
    asset text,
    mode text,
    fix_discrepancies boolean,
    trace_id text
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_fixable pms.discrepancy[];
    v_standing pms.discrepancy[];
    v_error text;
    v_is_fixed boolean := FALSE;
    v_updated jsonb;
    v_recorded_at timestamptz;
BEGIN
    IF fix_discrepancies THEN
        v_recorded_at := pms.lock_position(account, asset, mode);
    END IF;

    BEGIN
        v_fixable := ARRAY(
            SELECT d FROM pms.ledger_discrepancies(account, asset, mode) d
            UNION ALL
            SELECT d FROM pms.checkpoint_discrepancies(account, asset, mode) d
        );
        IF fix_discrepancies AND cardinality(v_fixable) > 0 THEN
            PERFORM pms.restore_legs(
                account, asset, mode, ARRAY(SELECT DISTINCT d.leg FROM unnest(v_fixable) d),
                v_recorded_at, trace_id
            );
            v_is_fixed := TRUE;
        END IF;
        v_standing := ARRAY(
            SELECT d FROM pms.rule_discrepancies(account, asset, mode) d
            UNION ALL
            SELECT d FROM pms.venue_discrepancies(account, asset, mode) d
        );
    EXCEPTION
        -- An entry that cannot be valued. What was changed in here is undone.
        WHEN data_exception THEN
            v_error := 'the ledger of this position cannot be folded';
            v_fixable := '{}';
            v_standing := '{}';
            v_is_fixed := FALSE;
    END;

    UPDATE pms.validation_statistics s
    SET total_validations = s.total_validations + 1,
        total_discrepancies
            = s.total_discrepancies + cardinality(v_fixable) + cardinality(v_standing),
        total_fixes
            = s.total_fixes + CASE WHEN v_is_fixed THEN cardinality(v_fixable) ELSE 0 END,
        total_errors = s.total_errors + (v_error IS NOT NULL)::integer;

    IF v_is_fixed THEN
        SELECT pms.position_json(p)
        INTO v_updated
        FROM api.positions p
        WHERE p.account = validate_position.account
            AND p.asset = validate_position.asset
            AND p.mode = validate_position.mode;
    ELSE
        v_standing := v_fixable || v_standing;
        v_fixable := '{}';
    END IF;

    RETURN jsonb_build_object(
        'is_valid', v_error IS NULL AND cardinality(v_standing) = 0,
        'error_message', coalesce(v_error, pms.discrepancies_text(v_standing)),
        'updated_position', v_updated,
        'discrepancies',
        pms.discrepancies_json(v_fixable, TRUE) || pms.discrepancies_json(v_standing, FALSE)
    );
END
$$;

COMMENT ON FUNCTION pms.validate_position IS $$Compare a position with ledger, rules and venue

Answers as the contract writes it. is_valid: nothing is wrong, or nothing any more. What differs
from the ledger is set to it when fix_discrepancies is true; updated_position is null unless
something was.$$;

COMMIT;
