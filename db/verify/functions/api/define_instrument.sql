-- Verify position_manager:functions/api/define_instrument on pg

SELECT 'api.define_instrument'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.define_instrument'::regproc, 'EXECUTE')::int;
