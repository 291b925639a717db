CREATE OR REPLACE FUNCTION api.record_funding(
    funding_id text DEFAULT NULL,
    asset text DEFAULT NULL,
    amount text DEFAULT NULL,
    executed_at text DEFAULT NULL,
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
    v_funding jsonb := jsonb_build_object(
        'funding_id', funding_id,
        'asset', asset,
        'amount', amount,
        'executed_at', executed_at,
        'account', account,
        'mode', mode,
        'position_side', position_side
    );
    command pms.command := pms.begin_command(
        'record_funding', v_funding, pms.resolve_account(account)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('funding', jsonb_build_array(jsonb_strip_nulls(v_funding))) -> 0
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.record_funding IS $$Record a funding payment by hand

amount: in the settlement currency, + received, - paid. Position, executed_at and funding_id say
which payment it is: sent again it is a duplicate. Answers {outcome, reason, detail, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when this payment was recorded before with another amount$$;

GRANT EXECUTE ON FUNCTION api.record_funding TO pms_trader, pms_operator;
