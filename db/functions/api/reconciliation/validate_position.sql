CREATE OR REPLACE FUNCTION api.validate_position(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    fix_discrepancies text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('fix_discrepancies', 'flag', fix_discrepancies),
            ('account', 'account', account)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(account);
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    command pms.command := pms.begin_command('validate_position', asked.given, v_account);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            CASE
                WHEN pms.position_is_known(v_account, v_asset, v_mode)
                    THEN pms.validate_position(
                            v_account, v_asset, v_mode,
                            coalesce((asked.value ->> 'fix_discrepancies')::boolean, TRUE),
                            command.trace_id
                        )
            END,
            pms.position_not_found(v_account, v_asset, v_mode)
        )
    );
END
$$;

COMMENT ON FUNCTION api.validate_position IS
$$Compare a position with its ledger, the rules and the venue

Answers is_valid (nothing is wrong, or nothing any more), error_message, discrepancies, and
updated_position when something was fixed. Without fix_discrepancies: true; without mode: one-way;
without account: main.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when there is neither a position nor any evidence of one
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.validate_position TO pms_trader, pms_operator;
