CREATE OR REPLACE FUNCTION pms.insufficient_position_error(asked pms.transfer)
RETURNS jsonb
LANGUAGE sql
RETURN pms.error_response(
    409,
    'CONFLICT',
    'the account does not hold so much',
    jsonb_build_object(
        'from_account', (asked).from_account,
        'asset', (asked).asset,
        'mode', (asked).mode,
        'quantity', pms.decimal_text((asked).quantity)
    )
);

COMMENT ON FUNCTION pms.insufficient_position_error IS
'The answer to a transfer of more than the account holds.';

CREATE OR REPLACE FUNCTION api.record_transfer(
    transfer_id text DEFAULT NULL,
    asset text DEFAULT NULL,
    quantity text DEFAULT NULL,
    from_account text DEFAULT NULL,
    to_account text DEFAULT NULL,
    price text DEFAULT NULL,
    mode text DEFAULT NULL,
    position_side text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_transfer',
        jsonb_build_object(
            'transfer_id', transfer_id,
            'asset', asset,
            'quantity', quantity,
            'from_account', from_account,
            'to_account', to_account,
            'price', price,
            'mode', mode,
            'position_side', position_side
        ),
        from_account
    );
    asked pms.transfer := pms.parse_transfer(jsonb_build_object(
        'transfer_id', transfer_id,
        'asset', asset,
        'quantity', quantity,
        'from_account', from_account,
        'to_account', to_account,
        'price', price,
        'mode', mode,
        'position_side', position_side
    ));
    v_recorded_at timestamptz;
    v_entries pms.entries[];
    v_outcome text;
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.end_command(command, pms.validation_error(asked.objections));
    END IF;

    PERFORM pms.require_account(a.account)
    FROM unnest(ARRAY[asked.from_account, asked.to_account]) a (account);

    -- Locking would create the legs of a transfer that is refused.
    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE (p.account, p.asset, p.mode, p.leg)
            = (asked.from_account, asked.asset, asked.mode, asked.leg)
    )
    THEN
        RETURN pms.end_command(command, pms.insufficient_position_error(asked));
    END IF;

    v_recorded_at := pms.lock_legs(ARRAY[
        (asked.from_account, asked.asset, asked.mode, asked.leg)::pms.leg_key,
        (asked.to_account, asked.asset, asked.mode, asked.leg)::pms.leg_key
    ]);

    v_outcome := pms.transfer_outcome(asked);
    IF v_outcome = 'duplicate' THEN
        RETURN pms.end_command(
            command,
            jsonb_build_object('outcome', 'duplicate', 'trace_id', pms.trace_id())
        );
    ELSIF v_outcome = 'identity_conflict' THEN
        RETURN pms.end_command(
            command,
            pms.error_response(
                409, 'CONFLICT', 'already recorded with other content',
                jsonb_build_object('reason', 'identity_conflict', 'transfer_id', asked.transfer_id)
            )
        );
    END IF;

    v_entries := pms.transfer_entries(
        (asked.from_account, asked.asset, asked.mode, asked.leg)::pms.leg_key,
        asked.to_account, asked.quantity, asked.price, 'transfer:' || asked.transfer_id,
        v_recorded_at, pms.trace_id()
    );
    IF v_entries IS NULL THEN
        RETURN pms.end_command(command, pms.insufficient_position_error(asked));
    END IF;

    INSERT INTO pms.transfers (
        account, transfer_id, to_account, asset, mode, leg, quantity, price, recorded_at, trace_id
    )
    VALUES (
        asked.from_account, asked.transfer_id, asked.to_account, asked.asset, asked.mode,
        asked.leg, asked.quantity, asked.price, v_recorded_at, pms.trace_id()
    );
    PERFORM pms.finish_entries(pms.post_entries(v_entries), 'api');

    RETURN pms.end_command(
        command,
        jsonb_build_object('outcome', 'applied', 'trace_id', pms.trace_id())
    );
END
$$;

COMMENT ON FUNCTION api.record_transfer IS $$Move a quantity of a position to another account

Without price at cost: nothing is realised. At a price: the account that gives realises as if it had
traded there. Two linked entries, transfer:<transfer_id> in both accounts; sent again it is a
duplicate. quantity > 0, of what is held, long or short. position_side: in hedge mode.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the account holds less, or transfer_id was used before for another transfer$$;

GRANT EXECUTE ON FUNCTION api.record_transfer TO pms_trader, pms_operator;
