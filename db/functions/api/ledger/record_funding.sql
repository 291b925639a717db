CREATE OR REPLACE FUNCTION api.record_funding(
    funding_id text DEFAULT NULL,
    asset text DEFAULT NULL,
    amount text DEFAULT NULL,
    executed_at text DEFAULT NULL,
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
        'record_funding',
        'funding',
        jsonb_strip_nulls(jsonb_build_object(
            'funding_id', funding_id,
            'asset', asset,
            'amount', amount,
            'executed_at', executed_at,
            'account', account,
            'mode', mode,
            'position_side', position_side,
            'strategy', strategy
        ))
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

CREATE OR REPLACE FUNCTION api.post_funding(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_body jsonb := pms.parse_body($1);
BEGIN
    RETURN CASE jsonb_typeof(v_body)
        WHEN 'object' THEN pms.record_events('record_funding', 'funding', v_body)
        WHEN 'array' THEN pms.record_events('record_funding', 'funding', v_body, 'payments')
        ELSE pms.body_error('an object, or an array of 1 to 1000 payments')
    END;
END
$$;

COMMENT ON FUNCTION api.post_funding IS $$Record the payments of a JSON body

As api.record_funding, which see. An array is answered as by api.record_fills.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when this payment was recorded before with another amount$$;

GRANT EXECUTE ON FUNCTION api.post_funding TO pms_trader, pms_operator;
