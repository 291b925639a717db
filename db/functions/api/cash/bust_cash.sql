CREATE OR REPLACE FUNCTION api.bust_cash(id text DEFAULT NULL, account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked CONSTANT pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account)]::pms.argument[]
    );
    v_account CONSTANT text := coalesce(asked.value ->> 'account', pms.resolve_account(NULL));
    v_identity CONSTANT text := CASE WHEN id ~ '^(?:cash|transfer):' THEN id ELSE 'cash:' || id END;
    v_objection CONSTANT text := pms.check_id(
        coalesce(regexp_replace(id, '^(?:cash|transfer):', ''), '')
    );
    command pms.command := pms.begin_command(
        'bust_cash', jsonb_build_object('id', id, 'account', account), v_account
    );
    v_objections jsonb := asked.objections;
    v_outcome text;
BEGIN
    IF v_objection IS NOT NULL THEN
        v_objections := coalesce(v_objections, '{}') || jsonb_build_object('id', v_objection);
    END IF;

    IF command.answer IS NULL AND v_objections IS NULL THEN
        v_outcome := pms.bust_cash(
            pms.require_account(v_account), v_identity, command.trace_id
        );
    END IF;

    RETURN pms.end_command(command, coalesce(
        command.answer,
        pms.validation_error(v_objections),
        CASE v_outcome
            WHEN 'not_found'
                THEN pms.error_response(
                        404, 'NOT_FOUND', 'no such entry of cash',
                        jsonb_build_object('account', v_account, 'identity', v_identity)
                    )
            ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
        END
    ));
END
$$;

COMMENT ON FUNCTION api.bust_cash IS $$Undo a movement of cash that should never have been recorded

id: the cash_id, or the identity as api.cash_entries shows it: that of a transfer undoes both its
entries. The opposite entries have the moment of the ones they undo. Final: sent again, the movement
is a duplicate; a second bust is one, too. Answers {outcome, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when the account has no such entry
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.bust_cash TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_cash_bust(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    given CONSTANT record := pms.body_fields(
        -- In main no body is needed.
        CASE WHEN $1 = '' THEN '{}' ELSE $1 END, '{"account": "account"}'
    );
BEGIN
    RETURN coalesce(
        given.refusal,
        api.bust_cash(
            id => pms.path_id(), account => pms.require_account(given.fields ->> 'account')
        )
    );
END
$$;

COMMENT ON FUNCTION api.post_cash_bust IS $$Undo the movement of cash of a path

The header X-Path-Id has its id, the JSON body the account, as of api.bust_cash, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when the account has no such entry
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.post_cash_bust TO pms_trader, pms_operator;
