-- Verify position_manager:functions/pms/read_imports on pg

SELECT 'pms.read_imports'::regproc;
