-- Verify position_manager:functions/pms/apply_venue_positions on pg

SELECT 'pms.apply_venue_positions'::regproc;
SELECT
    1 / has_function_privilege(
        'pms_worker', 'pms.apply_venue_positions'::regproc, 'EXECUTE'
    )::int;
