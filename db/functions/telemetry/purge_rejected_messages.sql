CREATE OR REPLACE FUNCTION pms.purge_rejected_messages(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    -- For what a row takes beside its message, so that empty messages have a limit as well.
    c_row CONSTANT bigint := 1024;
    v_since timestamptz;
    v_max_bytes bigint;
    v_messages bigint;
    v_conflicts bigint;
    v_total bigint[];
    v_step pms.job_step;
BEGIN
    SELECT now() - s.rejected_retention, s.rejected_max_bytes
    INTO v_since, v_max_bytes
    FROM pms.settings s;

    DELETE FROM pms.rejected_messages r
    WHERE r.id IN (
        SELECT o.id
        FROM (
            SELECT
                m.id,
                m.last_seen_at,
                sum(pg_column_size(m.body) + c_row) OVER (
                    PARTITION BY m.feed ORDER BY m.last_seen_at DESC, m.id DESC
                ) AS bytes
            FROM pms.rejected_messages m
        ) o
        WHERE o.last_seen_at < v_since
            OR o.bytes > v_max_bytes
        LIMIT c_most
    );
    GET DIAGNOSTICS v_messages = ROW_COUNT;

    DELETE FROM pms.conflicts k
    WHERE (k.account, k.id) IN (
        SELECT o.account, o.id
        FROM (
            SELECT
                c.account,
                c.id,
                c.last_seen_at,
                sum(pg_column_size(c.recorded) + pg_column_size(c.received) + c_row) OVER (
                    ORDER BY c.last_seen_at DESC, c.id DESC
                ) AS bytes
            FROM pms.conflicts c
        ) o
        WHERE o.last_seen_at < v_since
            OR o.bytes > v_max_bytes
        LIMIT c_most
    );
    GET DIAGNOSTICS v_conflicts = ROW_COUNT;

    v_total := ARRAY[
        coalesce((progress ->> 'messages')::bigint, 0) + v_messages,
        coalesce((progress ->> 'conflicts')::bigint, 0) + v_conflicts
    ];

    IF greatest(v_messages, v_conflicts) = c_most THEN
        v_step.progress := jsonb_build_object('messages', v_total[1], 'conflicts', v_total[2]);
    END IF;

    v_step.done := format(
        '%s rejected messages and %s conflicts forgotten', v_total[1], v_total[2]
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.purge_rejected_messages IS
$$Delete rejected messages and conflicts beyond rejected_retention or rejected_max_bytes

A job, in steps of 10000. The bytes are those of each feed, and those of all conflicts; the messages
that were last seen longest ago go first. Each counts as what is stored of it and 1 kB.$$;
