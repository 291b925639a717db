-- Revert position_manager:views/api/fifo_positions from pg

BEGIN;

DROP VIEW api.fifo_positions;

COMMIT;
