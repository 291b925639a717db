-- Verify position_manager:migrations/jobs on pg

SELECT NULL::pms.job_step;
