-- Verify position_manager:functions/api/validate_positions on pg

SELECT 'api.validate_positions'::regproc;
SELECT
    1 / has_function_privilege(
        'pms_operator', 'api.validate_positions'::regproc, 'EXECUTE'
    )::int;
