-- Verify position_manager:views/api/fifo_positions on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.fifo_positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.fifo_positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.fifo_positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.fifo_positions', 'SELECT')::int;
