CREATE OR REPLACE FUNCTION pms.open_stream(
    key_digest bytea,
    trace_id text,
    account text,
    types text,
    after text,
    OUT key_id text,
    OUT role_name text,
    OUT account_scope text[],
    OUT wanted_account text,
    OUT wanted_types text[],
    OUT after_number bigint
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments;
    v_message text;
BEGIN
    SELECT k.*
    INTO STRICT open_stream.key_id, open_stream.role_name, open_stream.account_scope
    -- Who may read the log may follow it.
    FROM pms.admit_key(
        open_stream.key_digest, 'GET', '/rpc/get_events', nullif(open_stream.account, '')
    ) k;

    asked := pms.parse_arguments(
        ARRAY[
            ('account', 'account', open_stream.account),
            ('types', 'event_types', open_stream.types),
            ('after', 'cursor', open_stream.after)
        ]::pms.argument[]
    );
    IF asked.objections IS NOT NULL THEN
        v_message := pms.objections_text(asked.objections);
        PERFORM pms.raise_denied(
            400, 'VALIDATION_ERROR', v_message,
            jsonb_build_object(
                'X-Refusal',
                pms.error_envelope(
                    'VALIDATION_ERROR', v_message, open_stream.trace_id, asked.objections
                )::text
            )
        );
    END IF;

    wanted_account := asked.value ->> 'account';
    wanted_types := string_to_array(asked.value ->> 'types', ',');
    after_number := pms.cursor_number(asked.value ->> 'after');
END
$$;

COMMENT ON FUNCTION pms.open_stream IS
$$Authenticate and authorize a request for the stream, and parse what it asks for

The parameters are those of the request, decoded; the key as in pms.find_key. after_number: as
pms.cursor_number; null without a cursor. Refuses with:
- 400 when a parameter is out of its range
- 401 and 403 as pms.admit_key$$;

GRANT EXECUTE ON FUNCTION pms.open_stream TO pms_stream;
