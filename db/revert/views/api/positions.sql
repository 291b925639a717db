-- Revert position_manager:views/api/positions from pg

BEGIN;

DROP VIEW api.positions;

COMMIT;
