CREATE OR REPLACE FUNCTION pms.record_rejected_messages(
    feed text,
    bodies bytea[],
    reasons text[],
    details text[],
    trace_ids text[]
)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_new integer;
BEGIN
    -- A body may stand twice in one batch; the table counts it as seen twice.
    WITH message AS (
        SELECT
            u.body,
            count(*) AS times,
            max(u.reason) AS reason,
            max(u.detail) AS detail,
            max(u.trace_id) AS trace_id
        FROM unnest(bodies, reasons, details, trace_ids) AS u (body, reason, detail, trace_id)
        GROUP BY u.body
    ),

    stored AS (
        INSERT INTO pms.rejected_messages AS r (
            feed, body, reason, detail, trace_id, seen_count
        )
        SELECT record_rejected_messages.feed, m.body, m.reason, m.detail, m.trace_id, m.times
        FROM message m
        ORDER BY sha256(m.body)
        ON CONFLICT ON CONSTRAINT rejected_messages_body_key DO UPDATE
        SET seen_count = r.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at,
            reason = excluded.reason,
            detail = excluded.detail
        RETURNING r.first_seen_at = r.last_seen_at AS is_new
    )

    SELECT count(*) INTO v_new FROM stored s WHERE s.is_new;

    RETURN v_new;
END
$$;

COMMENT ON FUNCTION pms.record_rejected_messages IS
$$Store rejected messages as received; return the number of new ones

Safe to repeat: the same body of the same feed is one row, seen more often. The four arrays
are of one length; feed is order_events, venue_positions or prices.$$;

GRANT EXECUTE ON FUNCTION pms.record_rejected_messages TO pms_worker;
