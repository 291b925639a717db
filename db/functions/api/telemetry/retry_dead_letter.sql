CREATE OR REPLACE FUNCTION pms.dead_letter_not_found(id bigint)
RETURNS jsonb
LANGUAGE sql
RETURN pms.error_response(
    404, 'NOT_FOUND', format('no dead letter %s', id), jsonb_build_object('id', id)
);

COMMENT ON FUNCTION pms.dead_letter_not_found IS 'The answer when there is no such dead letter.';

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
    v_messages jsonb[];
    v_answer jsonb;
    became pms.outcome;
BEGIN
    PERFORM pms.require_unscoped_key();

    SELECT r.*
    INTO letter
    FROM pms.rejected_messages r
    WHERE r.id = retry_dead_letter.id
        AND command.answer IS NULL;

    v_messages := ARRAY[
        CASE WHEN NOT pms.is_unreadable(letter.reason) THEN pms.parse_json(letter.body) END
    ];
    v_answer := coalesce(
        command.answer,
        CASE
            WHEN letter.id IS NULL THEN pms.dead_letter_not_found(id)
            WHEN v_messages[1] IS NULL
                THEN pms.error_response(
                        409, 'CONFLICT', 'it cannot be read: drop it, and send a valid message',
                        jsonb_build_object('id', letter.id, 'reason', letter.reason)
                    )
        END
    );
    IF v_answer IS NOT NULL THEN
        RETURN pms.end_command(command, v_answer);
    END IF;

    -- The legs are locked before the letter, as in a batch of the worker.
    BEGIN
        CASE letter.feed
            WHEN 'order_events' THEN
                became := pms.apply_order_events(v_messages);
            WHEN 'venue_positions' THEN
                became := pms.apply_venue_positions(v_messages);
            WHEN 'prices' THEN
                became := pms.apply_prices(v_messages);
        END CASE;

        IF became.outcome = 'misdirected' THEN
            RETURN pms.end_command(command, pms.error_response(
                409, 'CONFLICT', format('its account is on shard %s', became.detail),
                jsonb_build_object('id', letter.id, 'shard', became.detail::integer)
            ));
        END IF;

        PERFORM pms.settle_rejected_message(letter.id, became);
    EXCEPTION
        WHEN SQLSTATE 'PT404' THEN
            RETURN pms.end_command(command, pms.dead_letter_not_found(id));
    END;

    RETURN pms.end_command(
        command, pms.outcome_json(became) - 'ordinal' || jsonb_build_object('id', letter.id)
    );
END
$$;

COMMENT ON FUNCTION api.retry_dead_letter IS $$Take a refused message again, as if it had just come

Answers {id, outcome, reason, detail, trace_id}. Unless it is rejected again, for the reason that is
then recorded, it leaves the dead letters. Of two at once, or a second time, it counts once.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when it is not JSON, or not the strict one that messages have to be, or another
  shard has its account$$;

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
    PERFORM pms.require_unscoped_key();

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            CASE
                WHEN pms.delete_rejected_messages(ARRAY[drop_dead_letter.id]) = 1
                    THEN jsonb_build_object('id', drop_dead_letter.id, 'outcome', 'dropped')
                ELSE pms.dead_letter_not_found(id)
            END
        )
    );
END
$$;

COMMENT ON FUNCTION api.drop_dead_letter IS $$Throw a refused message away

Answers {id, outcome}. The position that it names is no longer flagged for it. Sent again and refused again it is there again.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.drop_dead_letter TO pms_operator, pms_http_operator;
