CREATE OR REPLACE FUNCTION pms.purge_job_runs(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_cron regnamespace := to_regnamespace('cron');
    v_since timestamptz := coalesce(
        (progress ->> 'since')::timestamptz, now() - interval '7 days'
    );
    v_runs bigint;
    v_notes bigint := 0;
    v_total bigint[];
    v_step pms.job_step;
BEGIN
    DELETE FROM pms.job_runs r
    WHERE r.id IN (
        SELECT o.id
        FROM pms.job_runs o
        WHERE o.started_at < v_since
            AND o.status <> 'running'
            AND o.id NOT IN (
                SELECT DISTINCT ON (s.job) s.id
                FROM pms.job_runs s
                WHERE s.status = 'succeeded'
                    AND s.started_at <= clock_timestamp()
                ORDER BY s.job, s.started_at DESC
            )
        LIMIT c_most
    );
    GET DIAGNOSTICS v_runs = ROW_COUNT;

    IF v_cron IS NOT NULL THEN
        EXECUTE format(
            $query$
                DELETE FROM %1$s.job_run_details d
                WHERE d.runid IN (
                    SELECT o.runid FROM %1$s.job_run_details o WHERE o.end_time < $1 LIMIT $2
                )
            $query$,
            v_cron
        )
        USING v_since, c_most;
        GET DIAGNOSTICS v_notes = ROW_COUNT;
    END IF;

    v_total := ARRAY[
        coalesce((progress ->> 'runs')::bigint, 0) + v_runs,
        coalesce((progress ->> 'notes')::bigint, 0) + v_notes
    ];

    IF greatest(v_runs, v_notes) = c_most THEN
        v_step.progress := jsonb_build_object(
            'since', v_since, 'runs', v_total[1], 'notes', v_total[2]
        );
    END IF;

    v_step.done := format(
        '%s runs of jobs and %s notes of pg_cron from before %s forgotten',
        v_total[1], v_total[2], pms.time_text(v_since)
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.purge_job_runs IS $$Delete runs of jobs after a week

A job, in steps of 10000. The newest success of each job stays. pg_cron notes every call of every
job and deletes none.$$;
