-- Revert position_manager:views/api/validations from pg

BEGIN;

DROP VIEW api.validations;

COMMIT;
