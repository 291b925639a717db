CREATE OR REPLACE FUNCTION api.bust_fill(
    execution_id text DEFAULT NULL,
    identity text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    position_side text DEFAULT NULL,
    side text DEFAULT NULL,
    order_id text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_bust jsonb := jsonb_build_object(
        'execution_id', execution_id, 'identity', identity, 'account', account, 'asset', asset,
        'position_side', position_side, 'side', side, 'order_id', order_id
    );
    command pms.command := pms.begin_command('bust_fill', v_bust, pms.resolve_account(account));
BEGIN
    -- A trader takes back fills, not the actions of operators.
    IF starts_with(identity, 'action:')
        AND NOT has_function_privilege(
            pms.calling_role(), 'api.record_corporate_action'::regproc, 'EXECUTE'
        )
    THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key may not do that');
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('trade_busted', jsonb_build_array(jsonb_strip_nulls(v_bust))) -> 0
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.bust_fill IS $$Undo a fill that should never have happened

By its execution_id, with asset, position_side, side or order_id where several fills have it, or by
its identity as api.fills shows it. The leg is folded again without it,
and the change of its realized PnL is kept as a restatement. Final: no correction brings it back.
One that is not recorded yet is taken back when it comes (reason pending_fill). Answers
{outcome, reason, detail, trace_id}; a second time it is a duplicate.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts, or the identity is that of a corporate
  action and the key is a trader's
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.bust_fill TO pms_trader, pms_operator;
