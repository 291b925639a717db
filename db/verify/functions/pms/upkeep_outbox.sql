-- Verify position_manager:functions/pms/upkeep_outbox on pg

SELECT 'pms.upkeep_outbox'::regproc;
