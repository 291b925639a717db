CREATE OR REPLACE FUNCTION pms.unsent_events(at_most integer)
RETURNS TABLE (
    number bigint,
    id uuid,
    type text,
    payload text,
    trace_id text,
    created_at timestamptz
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
    SELECT l.number, l.id, l.type, l.payload::text, l.trace_id, l.created_at
    FROM pms.event_log l
    WHERE l.number > (SELECT s.last_value FROM pms.sent_events s)
        -- Of announcements that pile up while the broker is unavailable, one a second, subscribers
        -- need only the last.
        AND (
            l.type <> 'portfolio_updated'
            OR l.number = (
                SELECT a.number
                FROM pms.event_log a
                WHERE a.account IS NULL
                    AND a.type = 'portfolio_updated'
                ORDER BY a.number DESC
                LIMIT 1
            )
        )
    ORDER BY l.number
    LIMIT unsent_events.at_most;
END
$$;

COMMENT ON FUNCTION pms.unsent_events IS
$$The oldest events of the log that the broker has not confirmed yet

Without portfolio_updated events that a newer one replaces.$$;

GRANT EXECUTE ON FUNCTION pms.unsent_events TO pms_worker;

CREATE OR REPLACE FUNCTION pms.note_sent_events(number bigint)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT setval('pms.sent_events', greatest(s.last_value, note_sent_events.number))
FROM pms.sent_events s
$$;

COMMENT ON FUNCTION pms.note_sent_events IS
'Record that the broker has confirmed, or a full queue refused, all events up to a number.';

GRANT EXECUTE ON FUNCTION pms.note_sent_events TO pms_worker;

CREATE OR REPLACE FUNCTION pms.outbox_depth()
RETURNS bigint
LANGUAGE sql
STABLE
AS $$
-- The relay deletes from the front: what lies between the ends of the outbox is about what it has
-- not logged. A few are counted, for there are gaps; a flood must not make health slow.
SELECT
    CASE
        WHEN e.span <= 10000 THEN (SELECT count(*) FROM pms.outbox)
        ELSE e.span
    END
    + greatest(b.last - s.last_value, 0)
FROM (
    SELECT coalesce(max(o.sequence) - min(o.sequence) + 1, 0) AS span
    FROM pms.outbox o
) e
CROSS JOIN pms.log_bounds() b
CROSS JOIN pms.sent_events s
$$;

COMMENT ON FUNCTION pms.outbox_depth IS $$How many events wait for the broker, logged or not

Beyond 10000 that are not logged an upper bound.$$;

CREATE OR REPLACE FUNCTION pms.outbox_since()
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    (
        SELECT l.created_at
        FROM pms.event_log l
        CROSS JOIN pms.sent_events s
        WHERE l.number = s.last_value + 1
    ),
    (
        SELECT o.created_at
        FROM pms.outbox o
        ORDER BY o.sequence
        LIMIT 1
    )
)
$$;

COMMENT ON FUNCTION pms.outbox_since IS
'Since when the oldest event waits for the broker; null when none does.';

CREATE OR REPLACE FUNCTION pms.log_needed_since()
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT l.logged_at
FROM pms.log_bounds() b
CROSS JOIN pms.sent_events s
INNER JOIN pms.event_log l ON l.number = least(s.last_value + 1, b.last)
$$;

COMMENT ON FUNCTION pms.log_needed_since IS
$$When the oldest event was logged that must stay in the log; null when it is empty

An event that the broker has not confirmed, or the newest one: its number is the last one given.$$;
