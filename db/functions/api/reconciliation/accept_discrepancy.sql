CREATE OR REPLACE FUNCTION api.accept_discrepancy(
    id text DEFAULT NULL,
    note text DEFAULT NULL,
    encoded_note text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'accept_discrepancy',
        jsonb_build_object('id', id, 'note', note, 'encoded_note', encoded_note)
    );
    asked pms.arguments := pms.parse_arguments(
        jsonb_build_object(
            'id', id,
            -- The gateway has it as the URL has; what cannot be read is refused by its name.
            'note',
            CASE
                WHEN encoded_note <> '' THEN coalesce(pms.url_decode(encoded_note), '!')
                ELSE note
            END
        ),
        '{id}'
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.end_command(command, pms.validation_error(asked.objections));
    END IF;

    RETURN pms.end_command(
        command,
        pms.decide_discrepancy(
            asked.id, 'accepted', asked.note,
            coalesce(nullif(current_setting('pms.key_id', TRUE), ''), session_user), pms.trace_id()
        )
    );
END
$$;

COMMENT ON FUNCTION api.accept_discrepancy IS $$Apply the proposal of a discrepancy

Also where the rules alone would not: what the venue says is stated as of the time of its report, a
row or a checkpoint is made anew from the ledger. Answers the discrepancy as it is kept then. note:
why, at most 500 characters. encoded_note: the same, as a URL
has it.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open, or accepting it would apply nothing$$;

GRANT EXECUTE ON FUNCTION api.accept_discrepancy TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.dismiss_discrepancy(
    id text DEFAULT NULL,
    note text DEFAULT NULL,
    encoded_note text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'dismiss_discrepancy',
        jsonb_build_object('id', id, 'note', note, 'encoded_note', encoded_note)
    );
    asked pms.arguments := pms.parse_arguments(
        jsonb_build_object(
            'id', id,
            -- The gateway has it as the URL has; what cannot be read is refused by its name.
            'note',
            CASE
                WHEN encoded_note <> '' THEN coalesce(pms.url_decode(encoded_note), '!')
                ELSE note
            END
        ),
        '{id}'
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.end_command(command, pms.validation_error(asked.objections));
    END IF;

    RETURN pms.end_command(
        command,
        pms.decide_discrepancy(
            asked.id, 'dismissed', asked.note,
            coalesce(nullif(current_setting('pms.key_id', TRUE), ''), session_user), pms.trace_id()
        )
    );
END
$$;

COMMENT ON FUNCTION api.dismiss_discrepancy IS $$Dismiss a discrepancy until its values change

It is not put right and needs no review any more, until its values change. Answers the discrepancy
as it is kept then. note: why, at most 500 characters. encoded_note: the same, as a URL
has it.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open$$;

GRANT EXECUTE ON FUNCTION api.dismiss_discrepancy TO pms_trader, pms_operator;
