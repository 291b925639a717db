CREATE OR REPLACE FUNCTION pms.correction_by_conflict(conflict pms.conflicts)
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_strip_nulls(jsonb_build_object(
    'event_type', 'trade_corrected',
    'account', e.account,
    'identity', r.identity,
    'correction_id', 'conflict-' || conflict.id,
    'timestamp', pms.time_text(clock_timestamp()),
    'side', CASE WHEN e.quantity > 0 THEN 'buy' ELSE 'sell' END,
    'execution_quantity', pms.decimal_text(abs(e.quantity)),
    'execution_price', pms.decimal_text(e.price),
    'execution_fees', pms.decimal_text(coalesce(e.fee, 0)),
    'fee_currency', CASE WHEN e.fee <> 0 THEN e.fee_currency END,
    'executed_at', pms.time_text(e.executed_at),
    'trace_id', conflict.trace_id
))
FROM pms.parse_order_events(ARRAY[conflict.received], TRUE) e
CROSS JOIN LATERAL pms.find_entry(conflict.account, conflict.recorded ->> 'identity') r
WHERE e.outcome IS NULL
    AND e.kind = 'trade'
    AND r.kind = 'trade'
    AND NOT e.is_cumulative
    AND (e.asset, e.mode, e.leg) = (r.asset, r.mode, r.leg)
    -- A total counts a part of such a fill.
    AND r.scheme <> 'o'
    AND NOT EXISTS (
        SELECT 1
        FROM pms.subsumed_executions s
        WHERE s.account = r.account
            AND s.identity = r.identity
    )
$$;

COMMENT ON FUNCTION pms.correction_by_conflict IS
$$The correction that brings a recorded fill to the version that contradicts it

No row unless both are fills of one leg, and no total of their order counts them.$$;

CREATE OR REPLACE FUNCTION pms.decide_conflict(id bigint, decision text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    conflict pms.conflicts;
    v_flagged pms.review[];
    v_correction jsonb;
    became pms.outcome;
    v_book text;
BEGIN
    IF decision IS NULL OR decision NOT IN ('keep', 'take') THEN
        RETURN pms.error_response(
            400, 'VALIDATION_ERROR', 'decision must be keep or take',
            '{"field": "decision", "expected": "keep or take"}'
        );
    END IF;

    v_flagged := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM pms.reviews v
        WHERE v.code = 'identity_conflict'
            AND v.source = decide_conflict.id::text
            AND pms.in_scope(v.account)
    );
    SELECT k.*
    INTO conflict
    FROM pms.conflicts k
    WHERE k.id = decide_conflict.id
        AND pms.in_scope(k.account);

    IF decision = 'take' AND conflict.status = 'waiting' THEN
        v_correction := pms.correction_by_conflict(conflict);
        IF v_correction IS NULL THEN
            RETURN pms.error_response(
                409, 'CONFLICT', 'correct the recorded version by hand, and keep it',
                jsonb_build_object('id', id, 'identity', conflict.identity)
            );
        END IF;

        became := pms.apply_order_events(ARRAY[v_correction], 'api');
        IF became.outcome IN ('rejected', 'misdirected') THEN
            RETURN pms.error_response(
                409, 'CONFLICT', 'it cannot be taken',
                jsonb_build_object(
                    'id', id,
                    'reason', coalesce(became.reason, became.outcome),
                    'detail', became.detail
                )
            );
        END IF;

        v_book := (
            SELECT e.book FROM pms.parse_order_events(ARRAY[conflict.received], TRUE) e
        );
        IF v_book IS NOT NULL THEN
            PERFORM pms.move_fill_to_book(
                conflict.account, v_correction ->> 'identity', v_book, 'conflict-' || conflict.id,
                conflict.trace_id
            );
        END IF;
    END IF;

    -- The leg is locked before the conflict, as in a batch of the worker.
    PERFORM pms.lock_stored_legs(ARRAY(
        SELECT (f.account, f.asset, f.mode, f.leg)::pms.leg_key FROM unnest(v_flagged) f
    ));
    SELECT k.*
    INTO conflict
    FROM pms.conflicts k
    WHERE k.id = decide_conflict.id
        AND pms.in_scope(k.account)
    FOR UPDATE;

    -- Of one that was forgotten the recorded version stands.
    IF conflict.id IS NULL AND (v_flagged = '{}' OR decision = 'take') THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', format('no conflict %s', id), jsonb_build_object('id', id)
        );
    END IF;

    IF conflict.status <> 'waiting' THEN
        RETURN pms.error_response(
            409, 'CONFLICT', format('already %s', conflict.status),
            jsonb_build_object('id', id, 'status', conflict.status)
        );
    END IF;

    PERFORM pms.settle_conflicts(
        ARRAY[id], CASE decision WHEN 'keep' THEN 'kept' ELSE 'taken' END
    );
    PERFORM pms.settle_reviews(v_flagged);
    PERFORM pms.delete_rejected_messages(ARRAY(
        SELECT r.id FROM pms.rejected_messages r WHERE r.conflict_id = decide_conflict.id
    ));

    RETURN jsonb_build_object(
        'id', id,
        'outcome', CASE decision WHEN 'keep' THEN 'kept' ELSE 'taken' END,
        'trace_id', conflict.trace_id
    );
END
$$;

COMMENT ON FUNCTION pms.decide_conflict IS
'Keep the recorded version or take the received one, and settle the flag; the answer to that.';

CREATE OR REPLACE FUNCTION api.settle_conflict(id bigint DEFAULT NULL, decision text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'settle_conflict', jsonb_build_object('id', id, 'decision', decision)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(command.answer, pms.decide_conflict(id, decision))
    );
END
$$;

COMMENT ON FUNCTION api.settle_conflict IS $$Decide which version of a fill counts

decision: keep leaves the recorded version as it is; take corrects it by the received one. Either way
its position needs review for it no longer, and its dead letters are dropped. Answers
{id, outcome, trace_id}: kept or taken.

Refuses with:
- 400 VALIDATION_ERROR when decision is neither
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when there is no such conflict
- 409 CONFLICT when it was settled before, or is not one of two fills of a leg: correct the recorded
  one by hand, and keep it$$;

GRANT EXECUTE ON FUNCTION api.settle_conflict TO pms_trader, pms_operator;
