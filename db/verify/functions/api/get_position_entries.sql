-- Verify position_manager:functions/api/get_position_entries on pg

SELECT 'api.get_position_entries'::regproc;
SELECT
    1 / has_function_privilege(
        'pms_reader', 'api.get_position_entries'::regproc, 'EXECUTE'
    )::int;
SELECT
    1 / has_function_privilege(
        'pms_trader', 'api.get_position_entries'::regproc, 'EXECUTE'
    )::int;
SELECT
    1 / has_function_privilege(
        'pms_operator', 'api.get_position_entries'::regproc, 'EXECUTE'
    )::int;
