CREATE OR REPLACE FUNCTION pms.breach_json(b pms.limit_breaches)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (b).id,
    'limit_id', (b).limit_id,
    'trace_id', (b).trace_id,
    'account', nullif((b).account, '*'),
    'book', pms.book_of_limit((b).limit_id),
    'asset', nullif((b).asset, '*'),
    'metric', (b).metric,
    'limit', pms.decimal_text((b).breach_level),
    'peak_value', pms.decimal_text((b).peak_value),
    'peak_at', pms.time_text((b).peak_at),
    'began_at', pms.time_text((b).began_at),
    'ended_at', pms.time_text((b).ended_at),
    'acknowledged_at', pms.time_text((b).acknowledged_at),
    'acknowledged_by', (b).acknowledged_by,
    'note', (b).note
);

COMMENT ON FUNCTION pms.breach_json IS 'A breach as the contract writes it.';

CREATE OR REPLACE FUNCTION pms.acknowledge(command pms.command, id bigint, note text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    acknowledged pms.limit_breaches;
BEGIN
    UPDATE pms.limit_breaches b
    SET acknowledged_at = clock_timestamp(),
        acknowledged_by = command.actor,
        note = coalesce(acknowledge.note, b.note)
    WHERE b.id = acknowledge.id
        AND pms.in_scope(b.account)
    RETURNING b.* INTO acknowledged;

    IF NOT FOUND THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', format('no breach %s', acknowledge.id),
            jsonb_build_object('id', acknowledge.id)
        );
    END IF;

    RETURN pms.breach_json(acknowledged);
END
$$;

COMMENT ON FUNCTION pms.acknowledge IS
'Note that a breach was seen, by whom, and return it, or the refusal of one that is not there.';

CREATE OR REPLACE FUNCTION api.acknowledge_breach(
    id text DEFAULT NULL,
    note text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('id', 'number', id), ('note', 'note', note)]::pms.argument[], '{id}'
    );
    v_id bigint := (asked.value ->> 'id')::bigint;
    command pms.command := pms.begin_command(
        'acknowledge_breach', asked.given,
        (
            SELECT nullif(b.account, '*')
            FROM pms.limit_breaches b
            WHERE b.id = v_id
                AND pms.in_scope(b.account)
        )
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.acknowledge(command, v_id, asked.value ->> 'note')
        )
    );
END
$$;

COMMENT ON FUNCTION api.acknowledge_breach IS $$Note that a breach of a limit was seen

id: as api.limit_breaches shows it. note: at most 500 characters. Answers the breach with
acknowledged_at, acknowledged_by (the id of the API key, or the role) and the note; a later call
replaces them, one without a note keeps it. The breach itself goes on.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such breach, or it is of an account that the key is not bound to$$;

GRANT EXECUTE ON FUNCTION api.acknowledge_breach TO pms_trader, pms_operator;
