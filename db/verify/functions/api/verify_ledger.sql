-- Verify position_manager:functions/api/verify_ledger on pg

SELECT 'api.verify_ledger'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.verify_ledger'::regproc, 'EXECUTE')::int;
