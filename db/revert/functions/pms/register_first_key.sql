-- Revert position_manager:functions/pms/register_first_key from pg

BEGIN;

DROP FUNCTION pms.register_first_key;

COMMIT;
