CREATE OR REPLACE FUNCTION pms.log_bounds(OUT first bigint, OUT last bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
SET enable_seqscan = off
AS $$
BEGIN
    last := coalesce((SELECT l.number FROM pms.event_log l ORDER BY l.number DESC LIMIT 1), 0);
    -- A day ends for all readers at once, not when its partition is dropped: that depends on the
    -- events of all accounts.
    first := coalesce(
        (
            SELECT l.number
            FROM pms.event_log l
            CROSS JOIN pms.settings s
            WHERE l.logged_at >= date_trunc('day', now() - s.event_retention, 'UTC')
            ORDER BY l.number
            LIMIT 1
        ),
        last + 1
    );
END
$$;

COMMENT ON FUNCTION pms.log_bounds IS
$$The numbers of the oldest event that may be read and of the newest one in the log

Those of the retention: whole days. Without any first is last + 1; last is 0 before the first one.$$;

GRANT EXECUTE ON FUNCTION pms.log_bounds TO pms_stream;

CREATE OR REPLACE FUNCTION pms.logged_events(after bigint, at_most integer)
RETURNS TABLE (
    number bigint,
    cursor text,
    type text,
    account text,
    asset text,
    id uuid,
    payload text,
    logged_at timestamptz
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
    RETURN QUERY
    SELECT
        l.number, l.payload ->> 'cursor', l.type, l.account, l.asset, l.id, l.payload::text,
        l.logged_at
    FROM pms.event_log l
    WHERE l.number > logged_events.after
    ORDER BY l.number
    LIMIT logged_events.at_most;
END
$$;

COMMENT ON FUNCTION pms.logged_events IS
$$The events of all accounts after a number, in the order of their numbers

account: null for an event about all accounts. payload: the event as it is sent, with its cursor.
The channel pms_event_log is notified of new ones.$$;

GRANT EXECUTE ON FUNCTION pms.logged_events TO pms_stream;
