CREATE OR REPLACE FUNCTION pms.decide_suspected_repeat(id bigint, decision text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_review pms.review;
    suspect pms.suspected_repeats;
    became pms.outcome;
BEGIN
    IF decision IS NULL OR decision NOT IN ('count', 'drop') THEN
        RETURN pms.error_response(
            400, 'VALIDATION_ERROR', 'decision must be count or drop',
            '{"field": "decision", "expected": "count or drop"}'
        );
    END IF;

    SELECT r.account, r.asset, r.mode, r.leg, r.code, r.source, NULL
    INTO v_review
    FROM pms.reviews r
    WHERE r.code = 'suspected_repeat'
        AND r.source = decide_suspected_repeat.id::text
        AND pms.in_scope(r.account);

    -- The leg is locked before the message, as in a batch of the worker. In whatever partition the
    -- fill will count: two that share a lock of identities cannot both go on to have it alone.
    IF FOUND THEN
        PERFORM pms.lock_legs(
            ARRAY[(v_review.account, v_review.asset, v_review.mode, v_review.leg)::pms.leg_key],
            '-infinity'
        );
    END IF;

    SELECT s.*
    INTO suspect
    FROM pms.suspected_repeats s
    WHERE s.id = decide_suspected_repeat.id
        AND pms.in_scope(s.account)
    FOR UPDATE;

    -- One that was forgotten can only be dropped.
    IF suspect.id IS NULL AND (v_review.code IS NULL OR decision = 'count') THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', format('no suspected repeat %s', id), jsonb_build_object('id', id)
        );
    END IF;

    IF suspect.status <> 'waiting' THEN
        RETURN pms.error_response(
            409, 'CONFLICT', format('already %s', suspect.status),
            jsonb_build_object('id', id, 'status', suspect.status)
        );
    END IF;

    UPDATE pms.suspected_repeats s
    SET status = CASE decision WHEN 'count' THEN 'counted' ELSE 'dropped' END
    WHERE (s.account, s.id) = (suspect.account, suspect.id);

    IF decision = 'count' THEN
        became := pms.apply_order_events(ARRAY[suspect.message], suspect.source);

        IF became.outcome IN ('rejected', 'misdirected') THEN
            UPDATE pms.suspected_repeats s
            SET status = 'waiting'
            WHERE (s.account, s.id) = (suspect.account, suspect.id);

            RETURN pms.error_response(
                409, 'CONFLICT', 'it cannot be counted',
                jsonb_build_object(
                    'id', id,
                    'reason', coalesce(became.reason, became.outcome),
                    'detail', became.detail
                )
            );
        END IF;
    END IF;

    PERFORM pms.settle_reviews(ARRAY[v_review]);

    RETURN jsonb_build_object(
        'id', id,
        'outcome', coalesce(became.outcome, 'dropped'),
        'reason', became.reason,
        'detail', became.detail,
        'trace_id', suspect.trace_id
    );
END
$$;

COMMENT ON FUNCTION pms.decide_suspected_repeat IS
'Count or drop a fill that may be a repeat, and settle the flag of its leg; the answer to that.';

CREATE OR REPLACE FUNCTION api.settle_suspected_repeat(
    id bigint DEFAULT NULL,
    decision text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'settle_suspected_repeat', jsonb_build_object('id', id, 'decision', decision)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(command.answer, pms.decide_suspected_repeat(id, decision))
    );
END
$$;

COMMENT ON FUNCTION api.settle_suspected_repeat IS $$Count or drop a fill that may be a repeat

decision: count posts the fill, with an identity of its own; drop leaves it out. Either way its
position needs no review for it any more, and the message is a duplicate when it comes again. Answers
{id, outcome, reason, detail, trace_id}: applied (or duplicate, where a total of its order has counted
it) or dropped.

Refuses with:
- 400 VALIDATION_ERROR when decision is neither
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when there is no such fill
- 409 CONFLICT when it was settled before, or cannot be counted$$;

GRANT EXECUTE ON FUNCTION api.settle_suspected_repeat TO pms_trader, pms_operator;
