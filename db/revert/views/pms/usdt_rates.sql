-- Revert position_manager:views/pms/usdt_rates from pg

BEGIN;

DROP VIEW pms.usdt_rates;

COMMIT;
