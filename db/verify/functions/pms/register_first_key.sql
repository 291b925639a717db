-- Verify position_manager:functions/pms/register_first_key on pg

SELECT 'pms.register_first_key'::regproc;
