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
    asked pms.arguments := pms.parse_arguments(
        jsonb_build_object('asset', asset, 'mode', mode, 'account', account), '{asset}'
    );
    v_account text := pms.resolve_account(asked.account);
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
        RETURN pms.end_command(command, pms.validation_error(asked.objections));
    END IF;

    v_snapshot := pms.take_snapshot(v_account, asked.asset, v_mode, pms.trace_id());

    IF v_snapshot IS NULL THEN
        RETURN pms.end_command(command, pms.position_not_found(v_account, asked.asset, v_mode));
    END IF;

    PERFORM set_config('response.status', '201', TRUE);
    RETURN pms.end_command(command, v_snapshot);
END
$$;

COMMENT ON FUNCTION api.create_snapshot IS $$Take a snapshot of a position

Answers 201 with the snapshot; position_snapshot_created goes out. Without mode: one-way; without
account: main.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.create_snapshot TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.create_snapshots(account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'create_snapshots',
        jsonb_build_object('account', account),
        account
    );
    asked pms.arguments := pms.parse_arguments(jsonb_build_object('account', account));
    v_accounts text[];
    v_account text;
    v_taken_at timestamptz;
    v_keys pms.position_key[];
    v_count bigint := 0;
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.end_command(command, pms.validation_error(asked.objections));
    END IF;
    asked.account := pms.require_account(asked.account);

    -- Null is all of them at once.
    v_accounts := coalesce(
        CASE WHEN asked.account IS NULL THEN pms.account_scope() END, ARRAY[asked.account]
    );
    v_taken_at := (SELECT max(pms.snapshot_moment(a.account)) FROM unnest(v_accounts) a (account));

    FOREACH v_account IN ARRAY v_accounts
    LOOP
        v_keys := NULL;
        LOOP
            v_keys := ARRAY(
                SELECT k
                FROM pms.positions_due_snapshot(v_taken_at, v_keys[cardinality(v_keys)], v_account) k
            );
            EXIT WHEN v_keys = '{}';

            v_count := v_count + (
                SELECT count(*)
                FROM pms.snapshot_positions(v_keys, v_taken_at, pms.trace_id()) s
            );
        END LOOP;
    END LOOP;

    PERFORM set_config('response.status', '201', TRUE);
    RETURN pms.end_command(
        command,
        jsonb_build_object('count', v_count, 'created_at', pms.time_text(v_taken_at))
    );
END
$$;

COMMENT ON FUNCTION api.create_snapshots IS $$Take a snapshot of every open or changed position

Those that are open or have changed since their last snapshot. Answers 201 with {count,
created_at}: one moment for all; position_snapshot_created goes out for each. Without account: of
all accounts.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.create_snapshots TO pms_trader, pms_operator;
