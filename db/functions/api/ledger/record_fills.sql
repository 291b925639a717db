CREATE OR REPLACE FUNCTION api.record_fill(
    execution_id text DEFAULT NULL,
    asset text DEFAULT NULL,
    side text DEFAULT NULL,
    execution_quantity text DEFAULT NULL,
    execution_price text DEFAULT NULL,
    execution_fees text DEFAULT NULL,
    fee_currency text DEFAULT NULL,
    executed_at text DEFAULT NULL,
    order_id text DEFAULT NULL,
    account text DEFAULT NULL,
    mode text DEFAULT NULL,
    position_side text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_fill jsonb := jsonb_build_object(
        'execution_id', execution_id,
        'asset', asset,
        'side', side,
        'execution_quantity', execution_quantity,
        'execution_price', execution_price,
        'execution_fees', execution_fees,
        'fee_currency', fee_currency,
        'executed_at', executed_at,
        'order_id', order_id,
        'account', account,
        'mode', mode,
        'position_side', position_side
    );
    command pms.command := pms.begin_command('record_fill', v_fill, pms.resolve_account(account));
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            CASE
                -- Without it, repeating the request would record the fill twice.
                WHEN pms.unless_blank(execution_id) IS NULL
                    THEN pms.error_response(
                            400, 'VALIDATION_ERROR', 'execution_id is missing',
                            '{"field": "execution_id", "expected": "1 to 128 characters"}'
                        )
            END,
            pms.outcome_response(
                pms.submit('order_executed', jsonb_build_array(jsonb_strip_nulls(v_fill))) -> 0
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.record_fill IS $$Record one fill by hand

Answers {outcome, reason, detail, trace_id}: applied, or duplicate when the same execution_id
with the same content was applied before.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the execution_id was applied before with other content$$;

GRANT EXECUTE ON FUNCTION api.record_fill TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.record_fills(fills jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_fills', jsonb_build_object('fills', fills)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.batch_error('fills', fills),
            jsonb_build_object('outcomes', pms.submit('order_executed', fills))
        )
    );
END
$$;

COMMENT ON FUNCTION api.record_fills IS $$Record fills by hand, with one outcome each

fills: an array of 1 to 1000 objects with the fields of an execution (contract.md, section 2):
execution_id (or order_id with executed_at), asset, side, execution_quantity, execution_price,
execution_fees, executed_at, account, mode, position_side. Answers {outcomes}: applied,
duplicate, ignored or rejected with reason and detail; one bad fill costs its neighbors nothing.
Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is not such an array
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_fills TO pms_trader, pms_operator;
