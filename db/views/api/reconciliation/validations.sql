CREATE OR REPLACE VIEW api.validations WITH (security_barrier = TRUE) AS
SELECT
    v.id,
    v.origin,
    v.scope,
    v.is_fixing,
    v.positions,
    v.discrepancies,
    v.fixes,
    v.errors,
    v.started_at,
    v.finished_at,
    v.trace_id
FROM pms.validations v
CROSS JOIN pms.read_only
WHERE pms.in_scope(replace(split_part(v.scope, '/', 1), '%2F', '/'));

COMMENT ON VIEW api.validations IS 'Validations of one position or of all, with their counts.';

COMMENT ON COLUMN api.validations.id IS 'Number of the validation.';

COMMENT ON COLUMN api.validations.origin IS 'request (one position) or job (all positions).';

COMMENT ON COLUMN api.validations.scope IS
'account/asset/mode of the position, a / within a name as %2F; null means all.';

COMMENT ON COLUMN api.validations.is_fixing IS 'True if fixable discrepancies were corrected.';

COMMENT ON COLUMN api.validations.positions IS 'Count: positions compared.';

COMMENT ON COLUMN api.validations.discrepancies IS
'Count: discrepancies found, including the fixed ones.';

COMMENT ON COLUMN api.validations.fixes IS 'Count: discrepancies fixed.';

COMMENT ON COLUMN api.validations.errors IS 'Count: positions whose ledger cannot be folded.';

COMMENT ON COLUMN api.validations.started_at IS 'When the validation started.';

COMMENT ON COLUMN api.validations.finished_at IS
'When the validation finished; null if it is running or was interrupted.';

COMMENT ON COLUMN api.validations.trace_id IS 'The trace id of the request.';

GRANT SELECT ON api.validations TO pms_reader, pms_trader, pms_operator, pms_analyst;
