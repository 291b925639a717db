CREATE OR REPLACE FUNCTION pms.audit_command(
    command text,
    arguments jsonb,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    outcome text DEFAULT 'done'
)
RETURNS void
-- Not SQL, which would be planned in every transaction (ADR 0002).
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.audit (
        key_id, role, command, arguments, account, asset, outcome, trace_id
    )
    VALUES (
        nullif(current_setting('pms.key_id', TRUE), ''),
        coalesce(nullif(current_setting('role', TRUE), 'none'), session_user),
        audit_command.command,
        CASE
            WHEN octet_length(audit_command.arguments::text) <= 65536
                THEN jsonb_strip_nulls(audit_command.arguments)
            ELSE jsonb_build_object(
                'bytes', octet_length(audit_command.arguments::text),
                'sha256', encode(sha256(convert_to(audit_command.arguments::text, 'UTF8')), 'hex')
            )
        END,
        -- A malformed name is among the arguments.
        substring(audit_command.account FROM '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
        substring(audit_command.asset FROM '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
        audit_command.outcome,
        pms.trace_id()
    );
END
$$;

COMMENT ON FUNCTION pms.audit_command IS $$Record who has given which command

Without secrets. Of arguments of more than 64 kB only their size and sha256.$$;
