-- Revert position_manager:views/pms/priced_legs from pg

BEGIN;

DROP VIEW pms.priced_legs;

COMMIT;
