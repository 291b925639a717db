-- Revert position_manager:views/api/prices from pg

BEGIN;

DROP VIEW api.prices;

COMMIT;
