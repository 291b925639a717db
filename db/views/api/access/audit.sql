CREATE OR REPLACE VIEW api.audit WITH (security_invoker = TRUE) AS
SELECT
    a.recorded_at,
    a.id,
    a.key_id,
    a.role,
    a.command,
    a.arguments,
    a.account,
    a.asset,
    a.outcome,
    a.trace_id
FROM pms.audit a
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.audit IS $$Commands and the key or role that sent each

One row per completed command, over HTTP or in SQL, written in the transaction of the command. A
command whose transaction failed changed nothing and has no row. Rows are kept for audit_retention, and
whole months less where they exceed audit_max_bytes.$$;

COMMENT ON COLUMN api.audit.recorded_at IS 'When the command completed.';

COMMENT ON COLUMN api.audit.id IS 'Number of the row.';

COMMENT ON COLUMN api.audit.key_id IS 'The key used over HTTP; null for SQL.';

COMMENT ON COLUMN api.audit.role IS 'The database role that ran the command.';

COMMENT ON COLUMN api.audit.command IS 'The function of schema api that was called.';

COMMENT ON COLUMN api.audit.arguments IS
'The arguments, without secrets. Above 4 kB, only bytes and sha256.';

COMMENT ON COLUMN api.audit.account IS 'The account concerned; null for none or several.';

COMMENT ON COLUMN api.audit.asset IS 'The asset concerned; null for none or several.';

COMMENT ON COLUMN api.audit.outcome IS
'done, the outcome of a recorded entry, or the error code of a refusal.';

COMMENT ON COLUMN api.audit.trace_id IS 'The trace id of the request.';

GRANT SELECT ON api.audit TO pms_operator, pms_http_operator;
