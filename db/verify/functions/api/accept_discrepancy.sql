-- Verify position_manager:functions/api/accept_discrepancy on pg

SELECT 'api.accept_discrepancy'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.accept_discrepancy'::regproc, 'EXECUTE')::int;
SELECT
    1 / has_function_privilege(
        'pms_operator', 'api.accept_discrepancy'::regproc, 'EXECUTE'
    )::int;
