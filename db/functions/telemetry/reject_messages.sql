CREATE OR REPLACE FUNCTION pms.is_unreadable(reason text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN reason IN (
    'too_large', 'invalid_encoding', 'invalid_json', 'not_an_object',
    'duplicate_key', 'too_deep', 'number_out_of_range', 'invalid_character'
);

COMMENT ON FUNCTION pms.is_unreadable IS
$$Whether a message with this reason is not the strict JSON that messages have to be

These are the reasons of the worker's parser. jsonb accepts some of what it refuses, and PostgreSQL
cannot parse all of the rest.$$;

-- A view calls it with the rights of its readers.
GRANT EXECUTE ON FUNCTION pms.is_unreadable TO pms_operator, pms_http_operator;

CREATE OR REPLACE FUNCTION pms.record_rejected_messages(
    feed text,
    bodies bytea[],
    reasons text[],
    details text[],
    trace_ids text[],
    sizes integer[] DEFAULT NULL,
    digests bytea[] DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_new integer;
BEGIN
    -- A message may stand twice in one batch; the table counts it as seen twice.
    WITH message AS (
        SELECT
            d.digest,
            (array_agg(u.body))[1] AS body,
            max(coalesce(u.size, length(u.body))) AS bytes,
            count(*) AS times,
            max(u.reason) AS reason,
            left(max(u.detail), 500) AS detail,
            max(u.trace_id) AS trace_id
        FROM unnest(bodies, reasons, details, trace_ids, sizes, digests)
        AS u (body, reason, detail, trace_id, size, digest)
        CROSS JOIN LATERAL (SELECT coalesce(u.digest, sha256(u.body)) AS digest) d
        GROUP BY d.digest
    ),

    stored AS (
        INSERT INTO pms.rejected_messages AS r (
            feed, body, bytes, digest, reason, detail, trace_id, seen_count
        )
        SELECT
            record_rejected_messages.feed, m.body, m.bytes, m.digest, m.reason, m.detail,
            m.trace_id, m.times
        FROM message m
        ORDER BY m.digest
        ON CONFLICT ON CONSTRAINT rejected_messages_body_key DO UPDATE
        SET seen_count = r.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at,
            body = excluded.body,
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

Safe to repeat: the same message of the same feed is one row, seen more often. The arrays are of one
length; feed is order_events, venue_positions or prices. sizes and digests (sha256) are of the whole
message where a body is only its beginning, and null where it is whole.$$;

GRANT EXECUTE ON FUNCTION pms.record_rejected_messages TO pms_worker;
