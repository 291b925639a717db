COMMENT ON TABLE pms.job_runs IS $$Runs of jobs, kept for a week

The newest success of each job stays, however old: its next run is due after it.$$;
COMMENT ON COLUMN pms.job_runs.started_by IS
'schedule: it was due; hand: an operator started it.';
COMMENT ON COLUMN pms.job_runs.status IS
'interrupted: its session ended during the run, as the next run noticed.';
COMMENT ON COLUMN pms.job_runs.progress IS 'State from which the next step continues.';
COMMENT ON COLUMN pms.job_runs.error IS 'Why its last step failed; earlier steps are committed.';
COMMENT ON COLUMN pms.job_runs.error_code IS 'SQLSTATE.';
