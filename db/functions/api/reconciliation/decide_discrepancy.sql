CREATE OR REPLACE FUNCTION pms.parse_decision(id text, note text, price text DEFAULT NULL)
RETURNS pms.arguments
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN pms.parse_arguments(
        ARRAY[
            ('id', 'uuid', id),
            ('note', 'note', note),
            ('price', 'decimal', price)
        ]::pms.argument[],
        '{id}'
    );
END
$$;

COMMENT ON FUNCTION pms.parse_decision IS $$The arguments of a decision about a discrepancy

note: the reason. price: of what an acceptance closes or opens.$$;

CREATE OR REPLACE FUNCTION pms.decision_response(id uuid, decided pms.discrepancy_decision)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF (decided.discrepancy).id IS NULL THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', 'no such discrepancy', jsonb_build_object('id', id)
        );
    END IF;

    IF decided.objection IS NOT NULL THEN
        RETURN pms.error_response(
            409, 'CONFLICT', decided.objection,
            jsonb_build_object('id', id, 'status', (decided.discrepancy).status)
        );
    END IF;

    RETURN pms.discrepancy_json(decided.discrepancy);
END
$$;

COMMENT ON FUNCTION pms.decision_response IS 'The answer to a decision about a discrepancy.';

CREATE OR REPLACE FUNCTION api.accept_discrepancy(
    id text DEFAULT NULL,
    note text DEFAULT NULL,
    price text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_decision(id, note, price);
    v_id uuid := (asked.value ->> 'id')::uuid;
    command pms.command := pms.begin_command('accept_discrepancy', asked.given);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.decision_response(
                v_id,
                pms.decide_discrepancy(
                    v_id, 'accepted', asked.value ->> 'note', command.actor, command.trace_id,
                    (asked.value ->> 'price')::numeric
                )
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.accept_discrepancy IS $$Apply the proposal of a discrepancy

Also where the rules alone would not: the report of the venue becomes an adjustment as of its time, a
row or a checkpoint is rebuilt from the ledger. Answers the discrepancy with its new status. note:
the reason, at most 500 characters. price: of a difference of size: what the adjustment closes is
realized at it, what it opens costs it. With a price, a discrepancy that closed something at an
unknown price can be accepted afterwards.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open, or accepting it would apply nothing$$;

GRANT EXECUTE ON FUNCTION api.accept_discrepancy TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.dismiss_discrepancy(
    id text DEFAULT NULL,
    note text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_decision(id, note);
    v_id uuid := (asked.value ->> 'id')::uuid;
    command pms.command := pms.begin_command('dismiss_discrepancy', asked.given);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.decision_response(
                v_id,
                pms.decide_discrepancy(
                    v_id, 'dismissed', asked.value ->> 'note', command.actor, command.trace_id
                )
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.dismiss_discrepancy IS $$Dismiss a discrepancy until its values change

It is not fixed and needs no review until its values change. Answers the discrepancy with its new
status. note: the reason, at most 500 characters.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open$$;

GRANT EXECUTE ON FUNCTION api.dismiss_discrepancy TO pms_trader, pms_operator;
