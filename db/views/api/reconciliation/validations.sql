CREATE OR REPLACE VIEW api.validations AS
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
WHERE pms.in_scope(split_part(v.scope, '/', 1));

COMMENT ON VIEW api.validations IS 'Every validation, of one position or of all, and its counts.';

COMMENT ON COLUMN api.validations.id IS 'Number of the validation.';

COMMENT ON COLUMN api.validations.origin IS 'request: of one position; job: of all.';

COMMENT ON COLUMN api.validations.scope IS 'account/asset/mode of the position; null: all.';

COMMENT ON COLUMN api.validations.is_fixing IS 'Whether what may be put right was.';

COMMENT ON COLUMN api.validations.positions IS 'How many were looked at.';

COMMENT ON COLUMN api.validations.discrepancies IS 'How many were found, fixed ones as well.';

COMMENT ON COLUMN api.validations.fixes IS 'How many of them were put right.';

COMMENT ON COLUMN api.validations.errors IS 'Positions whose ledger cannot be folded.';

COMMENT ON COLUMN api.validations.started_at IS 'When it began.';

COMMENT ON COLUMN api.validations.finished_at IS 'Null: it goes on, or was broken off.';

COMMENT ON COLUMN api.validations.trace_id IS 'The trace of the request.';

GRANT SELECT ON api.validations TO pms_reader, pms_trader, pms_operator, pms_analyst;
