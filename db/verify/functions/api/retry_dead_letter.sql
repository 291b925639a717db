-- Verify position_manager:functions/api/retry_dead_letter on pg

SELECT 'api.retry_dead_letter'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.retry_dead_letter'::regproc, 'EXECUTE')::int;
SELECT
    1 / has_function_privilege(
        'pms_http_operator', 'api.retry_dead_letter'::regproc, 'EXECUTE'
    )::int;
