CREATE OR REPLACE VIEW api.audit AS
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
CROSS JOIN pms.read_only
WHERE pms.in_scope(a.account);

COMMENT ON VIEW api.audit IS $$Who has changed what, through which key

One row for each command that was answered, over HTTP or in SQL, written in its own transaction.
What failed as a whole has changed nothing, and has none. Kept for 400 days.$$;

COMMENT ON COLUMN api.audit.recorded_at IS 'When it was answered.';

COMMENT ON COLUMN api.audit.id IS 'Number of the row.';

COMMENT ON COLUMN api.audit.key_id IS 'The key by which it came over HTTP; null: by SQL.';

COMMENT ON COLUMN api.audit.role IS 'The role of the database that asked.';

COMMENT ON COLUMN api.audit.command IS 'The function of the schema api that was called.';

COMMENT ON COLUMN api.audit.arguments IS
'With what; no secrets. Of more than 64 kB only bytes and sha256.';

COMMENT ON COLUMN api.audit.account IS 'The account it was about; null: of none, or of several.';

COMMENT ON COLUMN api.audit.asset IS 'The asset it was about; null: of none, or of several.';

COMMENT ON COLUMN api.audit.outcome IS
'done, the outcome of what was recorded, or the code by which it was refused.';

COMMENT ON COLUMN api.audit.trace_id IS 'The trace of the request.';

GRANT SELECT ON api.audit TO pms_operator, pms_http_operator;
