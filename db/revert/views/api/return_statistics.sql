-- Revert position_manager:views/api/return_statistics from pg

BEGIN;

DROP VIEW api.return_statistics;

COMMIT;
