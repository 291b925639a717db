-- Verify position_manager:functions/api/drop_dead_letter on pg

SELECT 'api.drop_dead_letter'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.drop_dead_letter'::regproc, 'EXECUTE')::int;
SELECT
    1 / has_function_privilege(
        'pms_http_operator', 'api.drop_dead_letter'::regproc, 'EXECUTE'
    )::int;
