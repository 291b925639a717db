-- Verify position_manager:functions/pms/outbox_depth on pg

SELECT 'pms.outbox_depth'::regproc;
