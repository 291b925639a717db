-- Verify position_manager:migrations/schemas on pg

SELECT 1 / has_schema_privilege('pms_reader', 'api', 'USAGE')::int;
SELECT 1 / (NOT has_schema_privilege('pms_reader', 'pms', 'USAGE'))::int;
