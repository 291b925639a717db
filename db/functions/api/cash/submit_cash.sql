CREATE OR REPLACE FUNCTION pms.parse_cash(given jsonb, is_transfer boolean)
RETURNS pms.cash_request
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_id CONSTANT text := CASE WHEN is_transfer THEN 'transfer_id' ELSE 'cash_id' END;
    named pms.arguments := pms.parse_arguments(
        ARRAY[
            ('amount', 'decimal', given ->> 'amount'),
            ('effective_at', 'time', given ->> 'effective_at')
        ]::pms.argument[] || CASE
            WHEN is_transfer
                THEN ARRAY[
                        ('from_account', 'account', given ->> 'from_account'),
                        ('to_account', 'account', given ->> 'to_account')
                    ]::pms.argument[]
            ELSE ARRAY[('account', 'account', given ->> 'account')]::pms.argument[]
        END,
        '{amount,from_account,to_account}'
    );
    asked pms.cash_request;
BEGIN
    asked.identity := CASE WHEN is_transfer THEN 'transfer:' ELSE 'cash:' END || (given ->> v_id);
    asked.kind := CASE WHEN is_transfer THEN 'transfer' ELSE lower(given ->> 'kind') END;
    asked.currency := pms.asset_name(given ->> 'currency');
    asked.amount := (named.value ->> 'amount')::numeric;
    asked.account := CASE
        WHEN is_transfer THEN named.value ->> 'from_account'
        ELSE coalesce(named.value ->> 'account', pms.resolve_account(NULL))
    END;
    asked.to_account := named.value ->> 'to_account';
    asked.effective_at := (named.value ->> 'effective_at')::timestamptz;

    SELECT jsonb_object_agg(o.field, o.message)
    INTO asked.objections
    FROM (
        SELECT r.key AS field, r.value AS message
        FROM jsonb_each_text(named.objections) r
        UNION ALL
        SELECT c.field, c.message
        FROM (
            VALUES
            (v_id, pms.check_id(coalesce(given ->> v_id, ''))),
            (
                'kind',
                CASE
                    WHEN NOT is_transfer
                        AND (asked.kind IN ('deposit', 'withdrawal', 'interest')) IS NOT TRUE
                        THEN 'must be deposit, withdrawal or interest'
                END
            ),
            ('currency', pms.check_asset(coalesce(asked.currency, ''))),
            (
                'amount',
                CASE
                    WHEN asked.amount = 0 OR asked.amount < 0 AND asked.kind <> 'interest'
                        THEN 'must be above 0; interest that is paid is below'
                END
            ),
            (
                'effective_at',
                (
                    SELECT coalesce(
                        pms.check_time(NULL, asked.effective_at),
                        pms.check_not_future(asked.effective_at, now() + s.clock_skew_limit)
                    )
                    FROM pms.settings s
                )
            ),
            (
                'to_account',
                CASE
                    WHEN asked.to_account = asked.account
                        THEN 'must be another account than from_account'
                END
            )
        ) c (field, message)
        WHERE c.message IS NOT NULL
    ) o;

    RETURN asked;
END
$$;

COMMENT ON FUNCTION pms.parse_cash IS $$Parse and check the fields of a movement of cash

given: literals by name; null is absent. Refuses with:
- 403 FORBIDDEN when no account is given and main is not of the key$$;

CREATE OR REPLACE FUNCTION pms.submit_cash(name text, given jsonb, asked pms.cash_request)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    command pms.command := pms.begin_command(name, given, asked.account);
    v_outcome text;
BEGIN
    IF command.answer IS NULL AND asked.objections IS NULL THEN
        PERFORM pms.require_in_scope(a.account)
        FROM unnest(ARRAY[asked.account, asked.to_account]) a (account);
        PERFORM pms.require_own_accounts(ARRAY[asked.account, asked.to_account]);

        v_outcome := pms.record_cash(asked, command.trace_id);
    END IF;

    RETURN pms.end_command(command, coalesce(
        command.answer,
        pms.validation_error(asked.objections),
        CASE v_outcome
            WHEN 'conflict'
                THEN pms.error_response(
                        409, 'CONFLICT', 'already recorded with other content',
                        jsonb_build_object(
                            'reason', 'identity_conflict', 'identity', asked.identity
                        )
                    )
            ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
        END
    ));
END
$$;

COMMENT ON FUNCTION pms.submit_cash IS
$$Record a movement of cash: see api.record_cash, api.transfer_cash

name: of the command; given: its arguments by name; asked: parsed.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts
- 409 and 421 as pms.require_own_accounts$$;
