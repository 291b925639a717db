-- Deploy position_manager:functions/pms/begin_command to pg
-- requires: functions/pms/refusal
-- requires: migrations/request_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.begin_command(
    name text,
    arguments jsonb,
    account text DEFAULT NULL
)
RETURNS pms.command
LANGUAGE plpgsql
AS $$
DECLARE
    -- Of HTTP only: in SQL there is none.
    v_request_key text := nullif(current_setting('request.headers', TRUE), '')::jsonb
        ->> 'idempotency-key';
    v_key_id text := current_setting('pms.key_id', TRUE);
    v_digest bytea := sha256(convert_to(arguments::text, 'UTF8'));
    command pms.command;
    kept pms.request_keys;
BEGIN
    command.name := begin_command.name;
    command.arguments := jsonb_strip_nulls(begin_command.arguments);
    command.account := begin_command.account;

    IF v_request_key IS NULL THEN
        RETURN command;
    END IF;

    IF v_request_key !~ '^[!-~]{1,255}$' THEN
        command.answer := pms.refusal(
            400, 'VALIDATION_ERROR',
            'Idempotency-Key: must be 1 to 255 visible characters of ASCII',
            '{"Idempotency-Key": "must be 1 to 255 visible characters of ASCII"}'
        );
        RETURN command;
    END IF;

    -- It would be kept, and shown to whoever reads what is kept.
    IF v_request_key ~* 'pms_[a-z0-9-]{1,32}_' THEN
        command.answer := pms.refusal(
            400, 'VALIDATION_ERROR', 'Idempotency-Key: must not be an API key',
            '{"Idempotency-Key": "must not be an API key"}'
        );
        RETURN command;
    END IF;

    -- What is older than it is kept has only not been forgotten yet.
    DELETE FROM pms.request_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key
        AND k.created_at < now() - interval '24 hours';

    -- Waits for whoever is about the same key: then it was answered, or is ours after all.
    INSERT INTO pms.request_keys (key_id, request_key, command, digest)
    VALUES (v_key_id, v_request_key, begin_command.name, v_digest)
    ON CONFLICT ON CONSTRAINT request_keys_pkey DO NOTHING;
    IF FOUND THEN
        command.request_key := v_request_key;
        RETURN command;
    END IF;

    SELECT k.*
    INTO STRICT kept
    FROM pms.request_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key;

    IF (kept.command, kept.digest) IS DISTINCT FROM (begin_command.name, v_digest) THEN
        command.answer := pms.refusal(
            409, 'CONFLICT', 'this Idempotency-Key came with another request',
            '{"Idempotency-Key": "use a new one for a new request"}'
        );
    ELSE
        PERFORM set_config('response.status', kept.status::text, TRUE);
        -- A refusal as pms.refusal makes it known to the gateway.
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

COMMENT ON FUNCTION pms.begin_command IS $$Begin a command: unless it was answered before

arguments: all that makes it this request and no other, without secrets; account: the one it is
about, when it is one. Return answer at once when there is one, else what pms.end_command returns.
A request that has the header Idempotency-Key of one before, by the same API key and within 24
hours, gets its answer, status and body; with other arguments it is refused with 409, a malformed
header with 400.$$;

COMMIT;
