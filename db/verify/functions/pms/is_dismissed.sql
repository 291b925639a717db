-- Verify position_manager:functions/pms/is_dismissed on pg

SELECT 'pms.is_dismissed'::regproc;
