-- Verify position_manager:functions/pms/announce_portfolio on pg

SELECT 'pms.announce_portfolio'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.announce_portfolio'::regproc, 'EXECUTE')::int;
