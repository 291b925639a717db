CREATE OR REPLACE FUNCTION pms.settle_discrepancy(
    command_name text,
    verdict text,
    id text,
    note text,
    encoded_note text
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    command pms.command := pms.begin_command(
        command_name, jsonb_build_object('id', id, 'note', note, 'encoded_note', encoded_note)
    );
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('id', 'uuid', id),
            -- The gateway passes it as the URL has it; an undecodable one is refused by its name.
            (
                'note', 'note',
                CASE
                    WHEN encoded_note <> '' THEN coalesce(pms.url_decode(encoded_note), '!')
                    ELSE note
                END
            )
        ]::pms.argument[],
        '{id}'
    );
    v_id uuid := (asked.value ->> 'id')::uuid;
    decided pms.discrepancy_decision;
BEGIN
    IF command.answer IS NULL AND asked.objections IS NULL THEN
        decided := pms.decide_discrepancy(
            v_id, verdict, asked.value ->> 'note',
            coalesce(nullif(current_setting('pms.key_id', TRUE), ''), session_user),
            command.trace_id
        );
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            CASE
                WHEN (decided.discrepancy).id IS NULL
                    THEN pms.error_response(
                            404, 'NOT_FOUND', 'no such discrepancy', jsonb_build_object('id', v_id)
                        )
                WHEN decided.objection IS NOT NULL
                    THEN pms.error_response(
                            409, 'CONFLICT', decided.objection,
                            jsonb_build_object(
                                'id', v_id, 'status', (decided.discrepancy).status
                            )
                        )
                ELSE pms.discrepancy_json(decided.discrepancy)
            END
        )
    );
END
$$;

COMMENT ON FUNCTION pms.settle_discrepancy IS $$The command that accepts or dismisses a discrepancy

verdict: accepted or dismissed; see pms.decide_discrepancy. note: the reason; encoded_note: the
same, as a URL has it; it wins over note.$$;

CREATE OR REPLACE FUNCTION api.accept_discrepancy(
    id text DEFAULT NULL,
    note text DEFAULT NULL,
    encoded_note text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
RETURN pms.settle_discrepancy('accept_discrepancy', 'accepted', id, note, encoded_note);

COMMENT ON FUNCTION api.accept_discrepancy IS $$Apply the proposal of a discrepancy

Also where the rules alone would not: the report of the venue becomes an adjustment as of its time, a
row or a checkpoint is rebuilt from the ledger. Answers the discrepancy with its new status. note:
the reason, at most 500 characters. encoded_note: the same, as a URL has it.

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
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
RETURN pms.settle_discrepancy('dismiss_discrepancy', 'dismissed', id, note, encoded_note);

COMMENT ON FUNCTION api.dismiss_discrepancy IS
$$Tolerate a discrepancy, for as long as its values stay the same

It is not fixed and needs no review until its values change. Answers the discrepancy with its new
status. note: the reason, at most 500 characters. encoded_note: the same, as a URL has it.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open$$;

GRANT EXECUTE ON FUNCTION api.dismiss_discrepancy TO pms_trader, pms_operator;
