-- Revert position_manager:views/pms/portfolio_cube from pg

BEGIN;

DROP VIEW pms.portfolio_cube;

COMMIT;
