COMMENT ON TABLE pms.job_runs IS $$Every run of a job that did something, kept for a week

The newest success of a job stays, however old: when it is due next depends on it.$$;
COMMENT ON COLUMN pms.job_runs.started_by IS
'schedule: it was due; hand: somebody wanted it at once.';
COMMENT ON COLUMN pms.job_runs.status IS
'interrupted: its session ended in the middle, which the next run has noticed.';
COMMENT ON COLUMN pms.job_runs.progress IS 'Where the next step goes on.';
COMMENT ON COLUMN pms.job_runs.error IS 'Why its last step failed; what came before it is kept.';
COMMENT ON COLUMN pms.job_runs.error_code IS 'SQLSTATE.';
