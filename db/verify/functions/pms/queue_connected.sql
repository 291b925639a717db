-- Verify position_manager:functions/pms/queue_connected on pg

SELECT 'pms.queue_connected'::regproc;
