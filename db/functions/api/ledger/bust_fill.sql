CREATE OR REPLACE FUNCTION pms.require_right_to_bust(identity text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- A trader takes back fills, not the actions of operators.
    IF starts_with(identity, 'action:')
        AND NOT has_function_privilege(
            pms.calling_role(), 'api.record_corporate_action'::regproc, 'EXECUTE'
        )
    THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key may not do that');
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_right_to_bust IS $$Refuse a key that may not undo an entry

Refuses with:
- 403 when the identity is that of a corporate action and the key is a trader's$$;

CREATE OR REPLACE FUNCTION api.bust_fill(
    execution_id text DEFAULT NULL,
    identity text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    position_side text DEFAULT NULL,
    side text DEFAULT NULL,
    order_id text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.require_right_to_bust(identity);

    RETURN pms.record_events('bust_fill', 'trade_busted', jsonb_strip_nulls(jsonb_build_object(
        'execution_id', execution_id, 'identity', identity, 'account', account, 'asset', asset,
        'position_side', position_side, 'side', side, 'order_id', order_id
    )));
END
$$;

COMMENT ON FUNCTION api.bust_fill IS $$Undo a fill that should never have happened

By its execution_id, with asset, position_side, side or order_id where several fills have it, or by
its identity as api.fills shows it. The leg is folded again without it,
and the change of its realized PnL is kept as a restatement. Final: no correction brings it back.
One that is not recorded yet is taken back when it comes (reason pending_fill). Answers
{outcome, reason, detail, trace_id}; a second time it is a duplicate.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts, or the identity is that of a corporate
  action and the key is a trader's
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.bust_fill TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_bust(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    -- Most busts need no more than the path.
    v_body jsonb := CASE WHEN $1 = '' THEN '{}' ELSE pms.parse_body($1) END;
    v_bust jsonb := pms.amended_fill() || v_body;
BEGIN
    PERFORM pms.require_right_to_bust(v_bust ->> 'identity');

    RETURN coalesce(
        pms.amendment_error(v_body), pms.record_events('bust_fill', 'trade_busted', v_bust)
    );
END
$$;

COMMENT ON FUNCTION api.post_bust IS $$Undo the fill of a path

The header X-Path-Id has its execution_id or identity, the JSON body the other arguments of
api.bust_fill, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts, or the identity is that of a corporate
  action and the key is a trader's
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.post_bust TO pms_trader, pms_operator;
