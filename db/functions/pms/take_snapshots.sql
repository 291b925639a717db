-- Deploy position_manager:functions/pms/take_snapshots to pg
-- requires: functions/pms/next_snapshots
-- requires: functions/pms/snapshot_moment
-- requires: functions/pms/snapshot_positions
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.take_snapshots(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_taken_at timestamptz := coalesce(
        (progress ->> 'taken_at')::timestamptz, pms.snapshot_moment()
    );
    v_trace_id text := coalesce(progress ->> 'trace_id', gen_random_uuid()::text);
    v_keys pms.position_key[] := ARRAY(
        SELECT k
        FROM pms.next_snapshots(
            v_taken_at,
            jsonb_populate_record(NULL::pms.position_key, progress -> 'after'),
            size => v_size
        ) k
    );
    v_count bigint := coalesce((progress ->> 'count')::bigint, 0) + (
        SELECT count(*)
        FROM pms.snapshot_positions(v_keys, v_taken_at, v_trace_id) s
    );
BEGIN
    RETURN (
        CASE
            WHEN cardinality(v_keys) = v_size THEN jsonb_build_object(
                'taken_at', v_taken_at,
                'trace_id', v_trace_id,
                'after', v_keys[v_size],
                'count', v_count
            )
        END,
        format('%s snapshots of %s', v_count, pms.time_text(v_taken_at))
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.take_snapshots IS
$$Keep what the positions are now: a step of the job, 100 of them

All that are open or have changed since their last snapshot, in all accounts, with one moment for
the whole run. Repeated, a step does what is left of it.$$;

COMMIT;
