-- Revert position_manager:views/api/restatements from pg

BEGIN;

DROP VIEW api.restatements;

COMMIT;
