-- Revert position_manager:views/api/instruments from pg

BEGIN;

DROP VIEW api.instruments;

COMMIT;
