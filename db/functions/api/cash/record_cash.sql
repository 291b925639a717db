CREATE OR REPLACE FUNCTION api.record_cash(
    cash_id text DEFAULT NULL,
    kind text DEFAULT NULL,
    currency text DEFAULT NULL,
    amount text DEFAULT NULL,
    account text DEFAULT NULL,
    effective_at text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_given CONSTANT jsonb := jsonb_build_object(
        'cash_id', cash_id,
        'kind', kind,
        'currency', currency,
        'amount', amount,
        'account', account,
        'effective_at', effective_at
    );
BEGIN
    RETURN pms.submit_cash(
        'record_cash', v_given, pms.parse_cash(v_given, is_transfer => FALSE)
    );
END
$$;

COMMENT ON FUNCTION api.record_cash IS $$Record a deposit, a withdrawal or interest in an account

amount > 0; interest that is paid is below 0. effective_at: from when on it counts; by default now.
cash_id says which movement of the account it is: sent again it is a duplicate. The balance may fall
below 0. From its first entry on, the cash of an account is part of its equity in place of its
capital. Answers {outcome, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when cash_id was used before for another movement$$;

GRANT EXECUTE ON FUNCTION api.record_cash TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_cash(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    given CONSTANT record := pms.body_fields(
        $1, '{"cash_id": "cash_id", "kind": "kind", "currency": "currency",
            "amount": "amount", "account": "account", "effective_at": "effective_at"}'
    );
BEGIN
    RETURN coalesce(
        given.refusal,
        pms.submit_cash(
            'record_cash', given.fields, pms.parse_cash(given.fields, is_transfer => FALSE)
        )
    );
END
$$;

COMMENT ON FUNCTION api.post_cash IS $$Record the movement of cash of a JSON body

As api.record_cash, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when cash_id was used before for another movement$$;

GRANT EXECUTE ON FUNCTION api.post_cash TO pms_trader, pms_operator;
