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
    v_repeats bigint;
    v_total bigint[];
    v_step pms.job_step;
BEGIN
    SELECT now() - s.rejected_retention, s.rejected_max_bytes
    INTO v_since, v_max_bytes
    FROM pms.settings s;

    -- Those that wait for an answer go last, and not for their age.
    v_messages := pms.delete_rejected_messages(ARRAY(
        SELECT o.id
        FROM (
            SELECT
                m.id,
                m.review_code,
                m.last_seen_at,
                sum(pg_column_size(m.body) + c_row) OVER (
                    PARTITION BY m.feed
                    ORDER BY m.review_code IS NULL, m.last_seen_at DESC, m.id DESC
                ) AS bytes
            FROM pms.rejected_messages m
        ) o
        WHERE (o.last_seen_at < v_since AND o.review_code IS NULL)
            OR o.bytes > v_max_bytes
        LIMIT c_most
    ));

    -- The flag of a leg stays.
    DELETE FROM pms.conflicts k
    WHERE (k.account, k.id) IN (
        SELECT o.account, o.id
        FROM (
            SELECT
                c.account,
                c.id,
                c.status,
                c.last_seen_at,
                sum(pg_column_size(c.recorded) + pg_column_size(c.received) + c_row) OVER (
                    ORDER BY c.status = 'waiting' DESC, c.last_seen_at DESC, c.id DESC
                ) AS bytes
            FROM pms.conflicts c
        ) o
        WHERE (o.last_seen_at < v_since AND o.status <> 'waiting')
            OR o.bytes > v_max_bytes
        LIMIT c_most
    );
    GET DIAGNOSTICS v_conflicts = ROW_COUNT;

    DELETE FROM pms.suspected_repeats s
    WHERE s.id IN (
        SELECT o.id
        FROM (
            SELECT
                u.id,
                u.status,
                u.last_seen_at,
                sum(pg_column_size(u.message) + c_row) OVER (
                    ORDER BY u.status = 'waiting' DESC, u.last_seen_at DESC, u.id DESC
                ) AS bytes
            FROM pms.suspected_repeats u
        ) o
        WHERE (o.last_seen_at < v_since AND o.status <> 'waiting')
            OR o.bytes > v_max_bytes
        LIMIT c_most
    );
    GET DIAGNOSTICS v_repeats = ROW_COUNT;

    v_total := ARRAY[
        coalesce((progress ->> 'messages')::bigint, 0) + v_messages,
        coalesce((progress ->> 'conflicts')::bigint, 0) + v_conflicts,
        coalesce((progress ->> 'repeats')::bigint, 0) + v_repeats
    ];

    IF greatest(v_messages, v_conflicts, v_repeats) = c_most THEN
        v_step.progress := jsonb_build_object(
            'messages', v_total[1], 'conflicts', v_total[2], 'repeats', v_total[3]
        );
    END IF;

    v_step.done := format(
        '%s rejected messages, %s conflicts and %s suspected repeats forgotten',
        v_total[1], v_total[2], v_total[3]
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.purge_rejected_messages IS
$$Delete rejected messages, conflicts and suspected repeats beyond their retention or bytes

A job, in steps of 10000; the limits are rejected_retention and rejected_max_bytes. The bytes are
those of each feed, of all conflicts, and of all suspected repeats; the messages that were last seen
longest ago go first, those that flag a position last, and these not for their age. Each counts as
what is stored of it and 1 kB.$$;
