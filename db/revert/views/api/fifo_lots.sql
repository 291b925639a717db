-- Revert position_manager:views/api/fifo_lots from pg

BEGIN;

DROP VIEW api.fifo_lots;

COMMIT;
