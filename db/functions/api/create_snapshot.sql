-- Deploy position_manager:functions/api/create_snapshot to pg
-- requires: functions/pms/asked_account
-- requires: functions/pms/begin_command
-- requires: functions/pms/end_command
-- requires: functions/pms/read_arguments
-- requires: functions/pms/refused_arguments
-- requires: functions/pms/refused_position
-- requires: functions/pms/take_snapshot

BEGIN;

CREATE OR REPLACE FUNCTION api.create_snapshot(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.read_arguments(
        jsonb_build_object('asset', asset, 'mode', mode, 'account', account), '{asset}'
    );
    v_account text := pms.asked_account(asked.account);
    v_mode text := coalesce(asked.mode, 'one-way');
    v_snapshot jsonb;
    command pms.command := pms.begin_command(
        'create_snapshot',
        jsonb_build_object('asset', asset, 'mode', mode, 'account', account),
        v_account
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.end_command(command, pms.refused_arguments(asked.objections));
    END IF;

    v_snapshot := pms.take_snapshot(v_account, asked.asset, v_mode, pms.trace_id());

    IF v_snapshot IS NULL THEN
        RETURN pms.end_command(command, pms.refused_position(v_account, asked.asset, v_mode));
    END IF;

    PERFORM set_config('response.status', '201', TRUE);
    RETURN pms.end_command(command, v_snapshot);
END
$$;

COMMENT ON FUNCTION api.create_snapshot IS $$Keep what a position is at this moment

Answers 201 with the snapshot; position_snapshot_created goes out. Without mode: one-way; without
account: main.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.create_snapshot TO pms_trader, pms_operator;

COMMIT;
