CREATE OR REPLACE FUNCTION api.create_snapshot(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset), ('mode', 'mode', mode), ('account', 'account', account),
            ('book', 'account', book)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(account);
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    command pms.command := pms.begin_command('create_snapshot', asked.given, v_account);
    v_held text := pms.book_account(v_account, asked.value ->> 'book');
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.created_response((
                SELECT pms.snapshot_json(s)
                FROM pms.take_snapshot(v_held, v_asset, v_mode, command.trace_id) s
            )),
            pms.position_not_found(v_held, v_asset, v_mode)
        )
    );
END
$$;

COMMENT ON FUNCTION api.create_snapshot IS $$Take a snapshot of a position

Answers 201 with the snapshot; position_snapshot_created is published. Without mode: one-way; without
account: main; book: of what a book of the account has, without an event.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.create_snapshot TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.create_snapshots(
    account text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account), ('book', 'account', book)]::pms.argument[]
    );
    command pms.command := pms.begin_command('create_snapshots', asked.given, account);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.created_response((
                SELECT jsonb_build_object(
                    'count', t.snapshots, 'created_at', pms.time_text(t.taken_at)
                )
                FROM pms.take_account_snapshots(
                    pms.require_book(asked.value ->> 'account', asked.value ->> 'book'),
                    command.trace_id
                ) t
            ))
        )
    );
END
$$;

COMMENT ON FUNCTION api.create_snapshots IS $$Take a snapshot of every open or changed position

Those that are open or have changed since their last snapshot. Answers 201 with {count,
created_at}: one moment for all; position_snapshot_created is published for each. Without account: of
all accounts. Those of the books of the accounts are taken as well, neither counted nor published;
book: only of this book of the account, or of main, counted.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.create_snapshots TO pms_trader, pms_operator;
