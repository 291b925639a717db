-- Deploy position_manager:functions/pms/forget_request_keys to pg
-- requires: migrations/jobs
-- requires: migrations/request_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.forget_request_keys(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_deleted bigint;
    v_total bigint;
BEGIN
    DELETE FROM pms.request_keys k
    WHERE (k.key_id, k.request_key) IN (
        SELECT o.key_id, o.request_key
        FROM pms.request_keys o
        WHERE o.created_at < now() - interval '24 hours'
        LIMIT c_most
    );
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    RETURN (
        CASE WHEN v_deleted = c_most THEN jsonb_build_object('deleted', v_total) END,
        format('%s answers to an Idempotency-Key of a day ago forgotten', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.forget_request_keys IS
'Delete what was answered to an Idempotency-Key 24 hours ago: a job, in steps of 10000.';

COMMIT;
