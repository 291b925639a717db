-- Revert position_manager:migrations/limits from pg

BEGIN;

DROP TYPE pms.limit_basis;
DROP TABLE pms.limit_breaches;
DROP TABLE pms.limits;

COMMIT;
