CREATE OR REPLACE FUNCTION pms.log_bounds(OUT first bigint, OUT last bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
SET enable_seqscan = off
AS $$
BEGIN
    SELECT
        coalesce((SELECT l.number FROM pms.event_log l ORDER BY l.number LIMIT 1), 1),
        coalesce((SELECT l.number FROM pms.event_log l ORDER BY l.number DESC LIMIT 1), 0)
    INTO first, last;
END
$$;

COMMENT ON FUNCTION pms.log_bounds IS
$$The numbers of the oldest and the newest event in the log

1 and 0 before the first one. The newest event stays beyond its retention.$$;

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
