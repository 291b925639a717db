CREATE OR REPLACE FUNCTION api.transfer_cash(
    transfer_id text DEFAULT NULL,
    currency text DEFAULT NULL,
    amount text DEFAULT NULL,
    from_account text DEFAULT NULL,
    to_account text DEFAULT NULL,
    effective_at text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_given CONSTANT jsonb := jsonb_build_object(
        'transfer_id', transfer_id,
        'currency', currency,
        'amount', amount,
        'from_account', from_account,
        'to_account', to_account,
        'effective_at', effective_at
    );
BEGIN
    RETURN pms.submit_cash(
        'transfer_cash', v_given, pms.parse_cash(v_given, is_transfer => TRUE)
    );
END
$$;

COMMENT ON FUNCTION api.transfer_cash IS $$Move cash from one account to another

Two linked entries, transfer:<transfer_id> in both accounts; sent again it is a duplicate. amount
> 0; the balance may fall below 0. effective_at: from when on it counts; by default now. Answers
{outcome, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when transfer_id was used before for another transfer of one of the accounts, or
  they are on several shards$$;

GRANT EXECUTE ON FUNCTION api.transfer_cash TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_cash_transfers(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    given CONSTANT record := pms.body_fields(
        $1, '{"transfer_id": "transfer_id", "currency": "currency", "amount": "amount",
            "from_account": "from_account", "to_account": "to_account",
            "effective_at": "effective_at"}'
    );
BEGIN
    RETURN coalesce(
        given.refusal,
        pms.submit_cash(
            'transfer_cash', given.fields, pms.parse_cash(given.fields, is_transfer => TRUE)
        )
    );
END
$$;

COMMENT ON FUNCTION api.post_cash_transfers IS $$Make the transfer of cash of a JSON body

As api.transfer_cash, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when transfer_id was used before for another transfer of one of the accounts, or
  they are on several shards$$;

GRANT EXECUTE ON FUNCTION api.post_cash_transfers TO pms_trader, pms_operator;
