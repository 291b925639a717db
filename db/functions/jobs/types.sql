CREATE TYPE pms.job_step AS (
    progress jsonb,
    done text
);

COMMENT ON TYPE pms.job_step IS $$What one step of a job has come to

progress: where the next step goes on, null after the last one; done: what the job has done, in
words, known with the last.$$;
