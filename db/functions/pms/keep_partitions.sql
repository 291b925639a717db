-- Deploy position_manager:functions/pms/keep_partitions to pg
-- requires: functions/pms/keep_months
-- requires: functions/pms/monthly_tables
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_partitions(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_place integer := coalesce((progress ->> 'place')::integer, 1);
    v_done text := concat_ws(
        '; ',
        progress ->> 'done',
        (
            SELECT pms.keep_months(t.parent, t.retention)
            FROM pms.monthly_tables() t
            WHERE t.place = v_place
        )
    );
BEGIN
    RETURN (
        CASE
            WHEN EXISTS (SELECT 1 FROM pms.monthly_tables() t WHERE t.place = v_place + 1)
                THEN jsonb_build_object('place', v_place + 1, 'done', v_done)
        END,
        v_done
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.keep_partitions IS
$$Make the months to come and drop those beyond retention: a step of the job, one table

Of every table in pms.monthly_tables. Drops nothing that is younger than its retention.$$;

COMMIT;
