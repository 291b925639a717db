CREATE OR REPLACE FUNCTION pms.note_command(
    command text,
    arguments jsonb,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    outcome text DEFAULT 'done'
)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.audit (
    key_id, role, command, arguments, account, asset, outcome, trace_id
)
VALUES (
    nullif(current_setting('pms.key_id', TRUE), ''),
    coalesce(nullif(current_setting('role', TRUE), 'none'), session_user),
    note_command.command,
    CASE
        WHEN octet_length(note_command.arguments::text) <= 65536
            THEN jsonb_strip_nulls(note_command.arguments)
        ELSE jsonb_build_object(
            'bytes', octet_length(note_command.arguments::text),
            'sha256', encode(sha256(convert_to(note_command.arguments::text, 'UTF8')), 'hex')
        )
    END,
    -- What is no name of one is among the arguments, as it came.
    substring(note_command.account FROM '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    substring(note_command.asset FROM '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
    note_command.outcome,
    pms.trace_id()
)
$$;

COMMENT ON FUNCTION pms.note_command IS $$Note who has given which command

Without secrets. Of arguments of more than 64 kB only how many they are, and their sha256.$$;
