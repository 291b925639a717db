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
    position_side text DEFAULT NULL,
    strategy text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.record_events(
        'record_fill',
        'order_executed',
        jsonb_strip_nulls(jsonb_build_object(
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
            'position_side', position_side,
            'strategy', strategy
        )),
        -- Without it, repeating the request would record the fill twice.
        required => 'execution_id'
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
BEGIN
    RETURN pms.record_events('record_fills', 'order_executed', fills, 'fills');
END
$$;

COMMENT ON FUNCTION api.record_fills IS $$Record fills by hand, with one outcome each

fills: an array of 1 to 1000 objects with the fields of an execution (contract.md, section 2):
execution_id (or order_id with executed_at), asset, side, quantity, price, fee, fee_currency,
executed_at, account, mode, position_side; one with another field is rejected. Answers how many
fills were applied, duplicate, rejected or other, and {outcomes}: applied, duplicate, ignored or
rejected with reason and detail; one bad fill costs its neighbors nothing. Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is not such an array
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_fills TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_fills(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_body jsonb := pms.parse_body($1);
BEGIN
    RETURN CASE jsonb_typeof(v_body)
        WHEN 'object'
            THEN pms.record_events(
                    'record_fill', 'order_executed', v_body, required => 'execution_id'
                )
        WHEN 'array' THEN pms.record_events('record_fills', 'order_executed', v_body, 'fills')
        ELSE pms.body_error('an object, or an array of 1 to 1000 fills')
    END;
END
$$;

COMMENT ON FUNCTION api.post_fills IS $$Record the fill, or the array of fills, of a JSON body

As api.record_fill and api.record_fills, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the execution_id was applied before with other content$$;

GRANT EXECUTE ON FUNCTION api.post_fills TO pms_trader, pms_operator;
