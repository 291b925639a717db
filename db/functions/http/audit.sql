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
        pms.request_setting('pms.key_id'),
        pms.calling_role(),
        audit_command.command,
        CASE
            WHEN octet_length(audit_command.arguments::text) <= 4096
                AND NOT pms.has_api_key(audit_command.arguments::text)
                THEN jsonb_strip_nulls(audit_command.arguments)
            ELSE jsonb_build_object(
                'bytes', octet_length(audit_command.arguments::text),
                'sha256', encode(sha256(convert_to(audit_command.arguments::text, 'UTF8')), 'hex')
            )
        END,
        -- A malformed name is among the arguments.
        CASE
            WHEN pms.check_account(audit_command.account) IS NULL THEN audit_command.account
        END,
        CASE
            WHEN pms.check_asset(audit_command.asset) IS NULL THEN audit_command.asset
        END,
        audit_command.outcome,
        pms.trace_id()
    );
END
$$;

COMMENT ON FUNCTION pms.audit_command IS $$Record who has given which command

Of arguments of more than 4 kB, or in which there is an API key, only their size and sha256.$$;
