-- Deploy position_manager:functions/pms/verification_lock to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.verification_lock()
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended('pms.verifications', 0);

COMMENT ON FUNCTION pms.verification_lock IS
'The advisory lock of whoever verifies the ledger: one at a time.';

COMMIT;
