-- Deploy position_manager:functions/pms/verification_json to pg
-- requires: functions/pms/time_text
-- requires: migrations/verifications

BEGIN;

CREATE OR REPLACE FUNCTION pms.verification_json(verification pms.verifications)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'started_at', pms.time_text(verification.started_at),
    'finished_at', pms.time_text(verification.finished_at),
    'positions', verification.positions,
    'entries', verification.entries,
    'discrepancies', verification.discrepancies,
    'findings', verification.findings
);

COMMENT ON FUNCTION pms.verification_json IS 'A verification of the ledger as it is told.';

COMMIT;
