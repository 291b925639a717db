CREATE OR REPLACE FUNCTION pms.parse_transfer(given jsonb)
RETURNS pms.transfer
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    named pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', given ->> 'asset'),
            ('mode', 'mode', given ->> 'mode'),
            ('from_account', 'account', given ->> 'from_account'),
            ('to_account', 'account', given ->> 'to_account')
        ]::pms.argument[],
        '{asset,from_account,to_account}'
    );
    v_side text := nullif(pms.position_side(pms.unless_blank(given ->> 'position_side')), 'net');
    v_transfer pms.transfer;
BEGIN
    v_transfer.transfer_id := given ->> 'transfer_id';
    v_transfer.asset := named.value ->> 'asset';
    -- As of a fill: a side stands for the hedge mode.
    v_transfer.mode := coalesce(
        named.value ->> 'mode', CASE WHEN v_side IS NULL THEN 'one-way' ELSE 'hedge' END
    );
    v_transfer.leg := CASE v_transfer.mode WHEN 'one-way' THEN 'net' ELSE v_side END;
    v_transfer.from_account := named.value ->> 'from_account';
    v_transfer.to_account := named.value ->> 'to_account';
    v_transfer.quantity := pms.parse_decimal(given ->> 'quantity');
    v_transfer.price := pms.parse_decimal(given ->> 'price');

    SELECT jsonb_object_agg(o.field, o.message)
    INTO v_transfer.objections
    FROM (
        SELECT r.key AS field, r.value AS message
        FROM jsonb_each_text(named.objections) r
        UNION ALL
        SELECT c.field, c.message
        FROM (
            VALUES
            ('transfer_id', pms.check_id(coalesce(v_transfer.transfer_id, ''))),
            (
                'to_account',
                CASE
                    WHEN pms.account_name(given ->> 'to_account')
                        IS NOT DISTINCT FROM pms.account_name(given ->> 'from_account')
                        THEN 'must be another account than from_account'
                END
            ),
            (
                'position_side',
                CASE
                    WHEN NOT coalesce(named.objections ? 'mode', FALSE)
                        AND (
                            v_transfer.mode = 'one-way' AND v_side IS NOT NULL
                            OR v_transfer.mode = 'hedge'
                            AND coalesce(v_side, '') NOT IN ('long', 'short')
                        )
                        THEN 'must be long or short in hedge mode, absent in one-way mode'
                END
            ),
            ('quantity', pms.check_positive(v_transfer.quantity)),
            (
                'price',
                CASE
                    WHEN pms.unless_blank(given ->> 'price') IS NOT NULL
                        THEN pms.check_price(
                                v_transfer.price, pms.allows_negative_price(v_transfer.asset)
                            )
                END
            )
        ) c (field, message)
        WHERE c.message IS NOT NULL
    ) o;

    RETURN v_transfer;
END
$$;

COMMENT ON FUNCTION pms.parse_transfer IS $$Parse and check the fields of a transfer

given: literals by name; null is absent. Never raises: see objections.$$;

CREATE OR REPLACE FUNCTION pms.submit_transfer(given jsonb, asked pms.transfer)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_transfer', given, pms.account_name(given ->> 'from_account')
    );
    v_outcome text;
    v_changed pms.changed_leg[];
BEGIN
    IF command.answer IS NULL AND asked.objections IS NULL THEN
        PERFORM pms.require_in_scope(a.account)
        FROM unnest(ARRAY[asked.from_account, asked.to_account]) a (account);
        PERFORM pms.require_own_accounts(ARRAY[asked.from_account, asked.to_account]);

        SELECT r.outcome, r.changed
        INTO v_outcome, v_changed
        FROM pms.record_transfer(asked, command.trace_id) r;

        PERFORM pms.finish_entries(v_changed, 'api');
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            CASE v_outcome
                WHEN 'conflict'
                    THEN pms.error_response(
                            409, 'CONFLICT', 'already recorded with other content',
                            jsonb_build_object(
                                'reason', 'identity_conflict', 'transfer_id', asked.transfer_id
                            )
                        )
                WHEN 'insufficient'
                    THEN pms.error_response(
                            409, 'CONFLICT', 'insufficient position',
                            jsonb_build_object(
                                'from_account', asked.from_account,
                                'asset', asked.asset,
                                'mode', asked.mode,
                                'quantity', pms.decimal_text(asked.quantity)
                            )
                        )
                ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
            END
        )
    );
END
$$;

COMMENT ON FUNCTION pms.submit_transfer IS
'Move a quantity: see api.record_transfer. given: its arguments by name; asked: parsed.';

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
    v_given jsonb := jsonb_build_object(
        'transfer_id', transfer_id,
        'asset', asset,
        'quantity', quantity,
        'from_account', from_account,
        'to_account', to_account,
        'price', price,
        'mode', mode,
        'position_side', position_side
    );
BEGIN
    RETURN pms.submit_transfer(v_given, pms.parse_transfer(v_given));
END
$$;

COMMENT ON FUNCTION api.record_transfer IS $$Move a quantity of a position to another account

Without price at cost: nothing is realized. At a price: the account that gives realizes as if it had
traded there. Two linked entries, transfer:<transfer_id> in both accounts; sent again it is a
duplicate. quantity > 0, long or short. position_side: in hedge mode.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the account holds less, transfer_id was used before for another transfer, or
  the accounts are on several shards$$;

GRANT EXECUTE ON FUNCTION api.record_transfer TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_transfers(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_names CONSTANT jsonb := '{"transfer_id": "transfer_id", "asset": "asset", "symbol": "asset",
        "quantity": "quantity", "from_account": "from_account", "to_account": "to_account",
        "price": "price", "mode": "mode", "position_side": "position_side"}'::jsonb;
    given CONSTANT record := pms.body_fields($1, c_names);
BEGIN
    RETURN coalesce(
        given.refusal,
        pms.submit_transfer(given.fields, pms.parse_transfer(given.fields))
    );
END
$$;

COMMENT ON FUNCTION api.post_transfers IS $$Make the transfer of a JSON body

As api.record_transfer, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the account holds less, transfer_id was used before for another transfer, or
  the accounts are on several shards$$;

GRANT EXECUTE ON FUNCTION api.post_transfers TO pms_trader, pms_operator;
