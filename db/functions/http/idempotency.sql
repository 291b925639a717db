CREATE OR REPLACE FUNCTION pms.begin_command(
    name text,
    arguments jsonb,
    account text DEFAULT NULL
)
RETURNS pms.command
LANGUAGE plpgsql
AS $$
DECLARE
    -- Null in plain SQL, which has no headers.
    v_headers jsonb := pms.request_setting('request.headers')::jsonb;
    v_request_key text := v_headers ->> 'idempotency-key';
    v_key_id text := pms.request_setting('pms.key_id');
    v_digest bytea := sha256(convert_to(arguments::text, 'UTF8'));
    command pms.command;
    kept pms.idempotency_keys;
BEGIN
    command.name := begin_command.name;
    command.arguments := jsonb_strip_nulls(begin_command.arguments);
    command.account := begin_command.account;
    command.actor := coalesce(v_key_id, session_user);
    command.trace_id := v_headers ->> 'x-trace-id';

    IF v_request_key IS NULL THEN
        RETURN command;
    END IF;

    IF v_request_key !~ '^[!-~]{1,255}$' THEN
        command.answer := pms.error_response(
            400, 'VALIDATION_ERROR',
            'Idempotency-Key: must be 1 to 255 visible characters of ASCII',
            '{"Idempotency-Key": "must be 1 to 255 visible characters of ASCII"}'
        );
        RETURN command;
    END IF;

    -- It would be stored, for every reader of the table to see.
    IF pms.has_api_key(v_request_key) THEN
        command.answer := pms.error_response(
            400, 'VALIDATION_ERROR', 'Idempotency-Key: must not be an API key',
            '{"Idempotency-Key": "must not be an API key"}'
        );
        RETURN command;
    END IF;

    -- An expired answer waits only for pms.purge_idempotency_keys.
    DELETE FROM pms.idempotency_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key
        AND k.created_at < now() - interval '24 hours';

    -- Waits for a transaction that holds the same key: it commits an answer, or leaves the key to us.
    INSERT INTO pms.idempotency_keys (key_id, request_key, command, digest)
    VALUES (v_key_id, v_request_key, begin_command.name, v_digest)
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING;
    IF FOUND THEN
        command.request_key := v_request_key;
        RETURN command;
    END IF;

    -- With the lock, the commit waits for a synchronous standby as that of the first request did:
    -- one without a write does not, although the standby may still lack what it has read.
    SELECT k.*
    INTO STRICT kept
    FROM pms.idempotency_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key
    FOR SHARE;

    IF (kept.command, kept.digest) IS DISTINCT FROM (begin_command.name, v_digest) THEN
        command.answer := pms.error_response(
            409, 'CONFLICT', 'this Idempotency-Key came with another request',
            '{"Idempotency-Key": "use a new one for a new request"}'
        );
    ELSE
        PERFORM set_config('response.status', kept.status::text, TRUE);
        -- A refusal as pms.error_response makes it known to the gateway.
        PERFORM set_config(
            'response.headers',
            (
                '[{"Idempotent-Replayed": "true"}]'
                || CASE
                    WHEN kept.status >= 400
                        THEN jsonb_build_array(
                                jsonb_build_object('X-Refusal', kept.answer::text)
                            )
                    ELSE '[]'
                END
            )::text,
            TRUE
        );
        command.answer := kept.answer;
    END IF;

    RETURN command;
END
$$;

COMMENT ON FUNCTION pms.begin_command IS $$Begin a command, unless an earlier request has its answer

arguments: all that identifies the request, without secrets; account: the one concerned,
if it is one. The command is run only while its answer is null; pms.end_command ends it in any
case. A request with the Idempotency-Key of an earlier one, by the same API key and within 24 hours,
gets its answer, status and body; with other arguments it is refused with 409, a malformed header
with 400.$$;

CREATE OR REPLACE FUNCTION pms.add_position_header()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config(
        'response.headers',
        (
            coalesce(pms.request_setting('response.headers')::jsonb, '[]')
            || jsonb_build_object(
                'X-LSN',
                concat_ws('/', pg_current_wal_insert_lsn(), pg_current_xact_id_if_assigned())
            )
        )::text,
        TRUE
    );
END
$$;

COMMENT ON FUNCTION pms.add_position_header IS $$Add the header X-LSN to the response over HTTP

The position of the WAL, and the transaction whose commit follows there. pms.check_replayed takes it
back. No effect in plain SQL.$$;

CREATE OR REPLACE FUNCTION pms.end_command(command pms.command, answer jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF command.answer IS NOT NULL THEN
        PERFORM pms.add_position_header();
        RETURN command.answer;
    END IF;

    IF command.request_key IS NOT NULL THEN
        UPDATE pms.idempotency_keys k
        SET status = coalesce(nullif(current_setting('response.status', TRUE), '')::integer, 200),
            answer = end_command.answer
        WHERE k.key_id = pms.request_setting('pms.key_id')
            AND k.request_key = command.request_key;
    END IF;

    PERFORM pms.audit_command(
        command.name,
        command.arguments,
        coalesce(command.account, end_command.answer ->> 'account'),
        coalesce(
            (SELECT n.asset FROM pms.asset_of(command.arguments ->> 'asset') n),
            end_command.answer ->> 'asset'
        ),
        coalesce(
            (
                SELECT string_agg(o.outcome || ' ' || o.times, ', ' ORDER BY o.outcome)
                FROM (
                    SELECT e.outcome ->> 'outcome' AS outcome, count(*) AS times
                    FROM jsonb_path_query(end_command.answer, '$.outcomes[*]') e (outcome)
                    GROUP BY e.outcome ->> 'outcome'
                ) o
            ),
            end_command.answer ->> 'error_code',
            end_command.answer ->> 'outcome',
            'done'
        )
    );
    PERFORM pms.add_position_header();
    RETURN answer;
END
$$;

COMMENT ON FUNCTION pms.end_command IS $$End a command: store its answer, audit it, and return it

In the transaction of the changes, see pms.begin_command. A command that was answered already
returns that answer and is not audited. The audited outcome is that of the answer, the code of its
refusal, or done.

    RETURN pms.end_command(command, coalesce(command.answer, refusal_or_null, result));$$;

CREATE OR REPLACE FUNCTION pms.purge_idempotency_keys(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_deleted bigint;
    v_total bigint;
BEGIN
    DELETE FROM pms.idempotency_keys k
    WHERE (k.key_id, k.request_key) IN (
        SELECT o.key_id, o.request_key
        FROM pms.idempotency_keys o
        WHERE o.created_at < now() - interval '24 hours'
        LIMIT c_most
    );
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    RETURN (
        CASE WHEN v_deleted = c_most THEN jsonb_build_object('deleted', v_total) END,
        format('%s answers to an Idempotency-Key of a day ago forgotten', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.purge_idempotency_keys IS
'Delete what was answered to an Idempotency-Key 24 hours ago: a job, in steps of 10000.';
