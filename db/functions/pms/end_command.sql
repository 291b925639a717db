-- Deploy position_manager:functions/pms/end_command to pg
-- requires: functions/pms/note_command
-- requires: migrations/request_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.end_command(command pms.command, answer jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF command.request_key IS NOT NULL THEN
        UPDATE pms.request_keys k
        SET status = coalesce(nullif(current_setting('response.status', TRUE), '')::integer, 200),
            answer = end_command.answer
        WHERE k.key_id = current_setting('pms.key_id', TRUE)
            AND k.request_key = command.request_key;
    END IF;

    PERFORM pms.note_command(
        command.name,
        command.arguments,
        coalesce(command.account, end_command.answer ->> 'account'),
        coalesce(
            upper(command.arguments ->> 'asset'), end_command.answer ->> 'asset'
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
    RETURN answer;
END
$$;

COMMENT ON FUNCTION pms.end_command IS $$End a command: keep its answer, note it, and return it

Beside what it has changed, in its transaction; see pms.begin_command. The outcome that is noted is
that of the answer, the code of its refusal, or done.$$;

COMMIT;
