-- Verify position_manager:functions/api/import_positions on pg

SELECT 'api.import_positions'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.import_positions'::regproc, 'EXECUTE')::int;
