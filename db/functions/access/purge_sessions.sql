CREATE OR REPLACE FUNCTION pms.purge_sessions(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_deleted bigint;
    v_total bigint;
BEGIN
    DELETE FROM pms.api_keys k
    WHERE k.id IN (
        SELECT o.id
        FROM pms.api_keys o
        WHERE o.session IS NOT NULL
            AND o.expires_at < now() - interval '24 hours'
        LIMIT c_most
    );
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    RETURN (
        CASE WHEN v_deleted = c_most THEN jsonb_build_object('deleted', v_total) END,
        format('%s keys of pages that expired a day ago deleted', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.purge_sessions IS
'Delete one-time codes, and keys of pages, that expired 24 hours ago: a job, in steps of 10000.';
