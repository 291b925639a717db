CREATE OR REPLACE FUNCTION pms.purge_records(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_place integer := coalesce((progress ->> 'place')::integer, 1);
    v_total bigint := coalesce((progress ->> 'deleted')::bigint, 0);
    kept pms.record_tables := (SELECT r FROM pms.record_tables r WHERE r.place = v_place);
    v_expired bigint;
    v_deleted bigint := 0;
    v_step pms.job_step;
BEGIN
    EXECUTE format(
        $query$
            DELETE FROM %1$s e
            WHERE e.ctid = ANY (ARRAY(
                SELECT d.ctid FROM %1$s d WHERE d.%2$I < $1 AND (%3$s) LIMIT $2
            ))
        $query$,
        kept.table_name, kept.time_column, kept.is_over
    )
    USING now() - kept.retention, c_most;
    GET DIAGNOSTICS v_expired = ROW_COUNT;

    IF v_expired < c_most THEN
        v_deleted := pms.shorten_table(
            kept.table_name, kept.time_column, kept.max_bytes, kept.is_over
        );
        v_place := v_place + 1;
    END IF;

    v_total := v_total + v_expired + v_deleted;

    IF EXISTS (SELECT FROM pms.record_tables r WHERE r.place = v_place) THEN
        v_step.progress := jsonb_build_object('place', v_place, 'deleted', v_total);
    END IF;

    v_step.done := format('%s records deleted', v_total);
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.purge_records IS
$$Delete records of the operation beyond record_retention or record_max_bytes

A job, in steps of one table and 10000 expired rows: of every table in pms.record_tables.
Records that still hold stay: open discrepancies and breaches, the newest verified backup and those
after it.$$;
