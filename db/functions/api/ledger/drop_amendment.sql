CREATE OR REPLACE FUNCTION api.drop_amendment(
    identity text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account CONSTANT text := pms.resolve_account(account);
    command pms.command := pms.begin_command(
        'drop_amendment', jsonb_build_object('identity', identity, 'account', account), v_account
    );
    v_flagged pms.review[];
    v_trace_id text;
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN pms.end_command(command, command.answer);
    END IF;

    -- Its fill comes before, or after. The legs are locked behind, as in a batch of the worker.
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;

    DELETE FROM pms.amendments a
    WHERE a.account = v_account
        AND a.identity = drop_amendment.identity
        AND a.applied_at IS NULL
    RETURNING a.trace_id INTO v_trace_id;

    IF NOT FOUND THEN
        RETURN pms.end_command(command, pms.error_response(
            404, 'NOT_FOUND', 'no bust or correction with this identity waits',
            jsonb_build_object('identity', identity)
        ));
    END IF;

    v_flagged := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM pms.reviews v
        WHERE v.account = v_account
            AND v.code = 'pending_fill'
            AND v.source = drop_amendment.identity
    );
    PERFORM pms.lock_stored_legs(ARRAY(
        SELECT (f.account, f.asset, f.mode, f.leg)::pms.leg_key FROM unnest(v_flagged) f
    ));
    PERFORM pms.settle_reviews(v_flagged);

    RETURN pms.end_command(command, jsonb_build_object(
        'identity', identity, 'outcome', 'dropped', 'trace_id', v_trace_id
    ));
END
$$;

COMMENT ON FUNCTION api.drop_amendment IS
$$Take back a bust or correction whose fill is not recorded

identity: as api.pending_amendments shows it. The position that it names needs review no longer, and
a fill that comes later counts as it was reported. Sent again it waits again. Answers
{identity, outcome, trace_id}.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when no such bust or correction waits, or its fill has come
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.drop_amendment TO pms_trader, pms_operator;
