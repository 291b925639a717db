-- Revert position_manager:views/api/conflicts from pg

BEGIN;

DROP VIEW api.conflicts;

COMMIT;
