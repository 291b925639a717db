-- Revert position_manager:views/api/audit from pg

BEGIN;

DROP VIEW api.audit;

COMMIT;
