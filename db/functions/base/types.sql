CREATE TYPE pms.outcome AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text
);

COMMENT ON TYPE pms.outcome IS $$What became of one message of a batch

outcome: applied, duplicate, ignored, stale, quarantined, misdirected or rejected; reason: a code,
detail: the field and what is wrong with it. ordinal counts from 1 in the order of the batch.$$;

CREATE TYPE pms.leg_key AS (
    account text,
    asset text,
    mode text,
    leg text
);

COMMENT ON TYPE pms.leg_key IS 'What names a leg; the order in which legs are locked.';

CREATE TYPE pms.position_key AS (
    account text,
    asset text,
    mode text
);

COMMENT ON TYPE pms.position_key IS
'What names a position; the order in which all are gone through.';

CREATE TYPE pms.job_step AS (
    progress jsonb,
    done text
);

COMMENT ON TYPE pms.job_step IS $$What one step of a job has come to

progress: where the next step goes on, null after the last one; done: what the job has done, in
words, known with the last.$$;
