-- Verify position_manager:functions/api/dismiss_discrepancy on pg

SELECT 'api.dismiss_discrepancy'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.dismiss_discrepancy'::regproc, 'EXECUTE')::int;
SELECT
    1 / has_function_privilege(
        'pms_operator', 'api.dismiss_discrepancy'::regproc, 'EXECUTE'
    )::int;
