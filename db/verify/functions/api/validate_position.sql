-- Verify position_manager:functions/api/validate_position on pg

SELECT 'api.validate_position'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.validate_position'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.validate_position'::regproc, 'EXECUTE')::int;
