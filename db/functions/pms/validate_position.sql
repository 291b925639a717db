-- Deploy position_manager:functions/pms/validate_position to pg
-- requires: functions/pms/check_position
-- requires: functions/pms/count_validation
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
    v_id bigint;
    checked pms.checked;
BEGIN
    INSERT INTO pms.validations (origin, scope, is_fixing, trace_id)
    VALUES ('request', concat_ws('/', account, asset, mode), fix_discrepancies, trace_id)
    RETURNING id INTO v_id;

    checked := pms.check_position(
        account, asset, mode, fix_discrepancies, FALSE, NULL, trace_id
    );

    PERFORM pms.count_validation(v_id, ARRAY[checked]);
    UPDATE pms.validations v SET finished_at = clock_timestamp() WHERE v.id = v_id;

    RETURN jsonb_build_object(
        'is_valid',
        checked.objection IS NULL AND NOT EXISTS (
            SELECT 1 FROM unnest(checked.seen) d WHERE d.status = 'open'
        ),
        'error_message', coalesce(checked.objection, pms.discrepancies_text(checked.seen)),
        'updated_position',
        (
            SELECT pms.position_json(p)
            FROM api.positions p
            WHERE checked.is_changed
                AND p.account = validate_position.account
                AND p.asset = validate_position.asset
                AND p.mode = validate_position.mode
        ),
        'discrepancies', pms.discrepancies_json(checked.seen)
    );
END
$$;

COMMENT ON FUNCTION pms.validate_position IS $$Compare a position with ledger, rules and venue

Answers as the contract writes it. is_valid: nothing is open, by itself or any more. What may be put
right is when fix_discrepancies is true; updated_position is null unless something was. The run is
kept.$$;

COMMIT;
