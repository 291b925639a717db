CREATE OR REPLACE FUNCTION api.retry_dead_letter(id bigint)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'retry_dead_letter', jsonb_build_object('id', id)
    );
    letter pms.rejected_messages;
    became pms.outcome;
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    PERFORM pms.require_unscoped_key();

    SELECT r.*
    INTO letter
    FROM pms.rejected_messages r
    WHERE r.id = retry_dead_letter.id
    FOR UPDATE;

    IF NOT FOUND THEN
        RETURN pms.end_command(
            command,
            pms.error_response(
                404, 'NOT_FOUND', format('no dead letter %s', retry_dead_letter.id),
                jsonb_build_object('id', retry_dead_letter.id)
            )
        );
    END IF;

    -- What could not be read was never judged: jsonb is less strict than who reads messages.
    IF letter.reason IN (
            'too_large', 'invalid_encoding', 'invalid_json', 'not_an_object', 'duplicate_key',
            'too_deep', 'number_out_of_range', 'invalid_character'
        )
        OR pms.parse_json(letter.body) IS NULL
    THEN
        RETURN pms.end_command(
            command,
            pms.error_response(
                409, 'CONFLICT', 'it cannot be read: drop it, and have it sent anew',
                jsonb_build_object('id', letter.id, 'reason', letter.reason)
            )
        );
    END IF;

    SELECT o.*
    INTO STRICT became
    FROM (SELECT ARRAY[pms.parse_json(letter.body)] AS messages) m
    CROSS JOIN LATERAL (
        SELECT e.*
        FROM pms.apply_order_events(m.messages) e
        WHERE letter.feed = 'order_events'
        UNION ALL
        SELECT v.*
        FROM pms.apply_venue_positions(m.messages) v
        WHERE letter.feed = 'venue_positions'
        UNION ALL
        SELECT p.*
        FROM pms.apply_prices(m.messages) p
        WHERE letter.feed = 'prices'
    ) o;

    IF became.outcome = 'rejected' THEN
        UPDATE pms.rejected_messages r
        SET reason = became.reason,
            detail = became.detail,
            last_seen_at = now()
        WHERE r.id = letter.id;
    ELSE
        DELETE FROM pms.rejected_messages r WHERE r.id = letter.id;
    END IF;

    RETURN pms.end_command(
        command,
        (pms.outcome_json(became) - 'ordinal') || jsonb_build_object('id', letter.id)
    );
END
$$;

COMMENT ON FUNCTION api.retry_dead_letter IS $$Take a refused message again, as if it had just come

Answers {id, outcome, reason, detail, trace_id}. Unless it is rejected again, for the reason that is
then noted, it is a dead letter no more. Of two at once, or a second time, it counts once.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when it is not JSON, or not the strict one that messages have to be$$;

GRANT EXECUTE ON FUNCTION api.retry_dead_letter TO pms_operator, pms_http_operator;

CREATE OR REPLACE FUNCTION api.drop_dead_letter(id bigint)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'drop_dead_letter', jsonb_build_object('id', id)
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    PERFORM pms.require_unscoped_key();

    DELETE FROM pms.rejected_messages r WHERE r.id = drop_dead_letter.id;

    IF NOT FOUND THEN
        RETURN pms.end_command(
            command,
            pms.error_response(
                404, 'NOT_FOUND', format('no dead letter %s', drop_dead_letter.id),
                jsonb_build_object('id', drop_dead_letter.id)
            )
        );
    END IF;

    RETURN pms.end_command(
        command,
        jsonb_build_object('id', drop_dead_letter.id, 'outcome', 'dropped')
    );
END
$$;

COMMENT ON FUNCTION api.drop_dead_letter IS $$Throw a refused message away

Answers {id, outcome}. Sent again and refused again it is there again.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.drop_dead_letter TO pms_operator, pms_http_operator;
