-- Verify position_manager:functions/pms/outcome_json on pg

SELECT 'pms.outcome_json'::regproc;
