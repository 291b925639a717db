-- Revert position_manager:views/api/dead_letters from pg

BEGIN;

DROP VIEW api.dead_letters;

COMMIT;
