-- Revert position_manager:views/api/fills from pg

BEGIN;

DROP VIEW api.fills;

COMMIT;
