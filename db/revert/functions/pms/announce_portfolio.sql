-- Revert position_manager:functions/pms/announce_portfolio from pg

BEGIN;

DROP FUNCTION pms.announce_portfolio;

COMMIT;
