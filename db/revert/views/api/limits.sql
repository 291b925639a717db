-- Revert position_manager:views/api/limits from pg

BEGIN;

DROP VIEW api.limits;

COMMIT;
