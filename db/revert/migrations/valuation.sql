-- Revert position_manager:migrations/valuation from pg

BEGIN;

DROP TYPE pms.priced_leg;

COMMIT;
