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

CREATE OR REPLACE FUNCTION pms.name_rejected_messages(feed text, messages jsonb[])
RETURNS pms.leg_name[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF feed = 'order_events' THEN
        RETURN ARRAY(
            SELECT n
            FROM pms.legs_named_by_orders(messages) n
            WHERE (n.leg).account IS NOT NULL
                AND pms.other_shard((n.leg).account) IS NULL
        );
    ELSIF feed = 'venue_positions' THEN
        RETURN ARRAY(
            SELECT n
            FROM pms.legs_named_by_reports(ARRAY(
                SELECT r FROM pms.parse_venue_positions(messages) r
            )) n
            WHERE (n.leg).account IS NOT NULL
                AND pms.other_shard((n.leg).account) IS NULL
        );
    END IF;

    RETURN ARRAY[]::pms.leg_name[];
EXCEPTION
    -- A message that cannot be applied may not be readable, either.
    WHEN data_exception OR statement_too_complex THEN
        RETURN ARRAY[]::pms.leg_name[];
END
$$;

COMMENT ON FUNCTION pms.name_rejected_messages IS
$$The legs that rejected messages name, as far as they can be read

feed: prices name none. What another shard has is not named: it has no legs here to flag.$$;

CREATE OR REPLACE FUNCTION pms.record_rejected_messages(
    feed text,
    bodies bytea[],
    reasons text[],
    details text[],
    trace_ids text[],
    sizes integer[] DEFAULT NULL,
    digests bytea[] DEFAULT NULL,
    readable jsonb[] DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_names CONSTANT pms.leg_name[] := pms.name_rejected_messages(feed, ARRAY(
        SELECT
            coalesce(
                u.message, CASE WHEN NOT pms.is_unreadable(u.reason) THEN pms.parse_json(u.body) END
            )
        FROM unnest(bodies, reasons, readable) WITH ORDINALITY AS u (body, reason, message, place)
        ORDER BY u.place
    ));
    v_keys CONSTANT pms.leg_key[] := pms.legs_to_flag(ARRAY(SELECT n.leg FROM unnest(v_names) n));
    v_new integer;
BEGIN
    -- Before the letters, as in a retry.
    IF v_keys <> '{}' THEN
        PERFORM pms.lock_legs(v_keys);
    END IF;

    -- A message may stand twice in one batch; the table counts it as seen twice.
    WITH message AS (
        SELECT
            d.digest,
            (array_agg(u.body))[1] AS body,
            max(coalesce(u.size, length(u.body))) AS bytes,
            count(*) AS times,
            max(u.reason) AS reason,
            left(max(u.detail), 500) AS detail,
            max(u.trace_id) AS trace_id,
            (array_agg(n.leg))[1] AS named
        FROM unnest(bodies, reasons, details, trace_ids, sizes, digests)
        WITH ORDINALITY AS u (body, reason, detail, trace_id, size, digest, place)
        LEFT JOIN unnest(v_names) n ON u.place = n.ordinal
        CROSS JOIN LATERAL (SELECT coalesce(u.digest, sha256(u.body)) AS digest) d
        GROUP BY d.digest
    ),

    stored AS (
        INSERT INTO pms.rejected_messages AS r (
            feed, body, bytes, digest, reason, detail, trace_id, seen_count,
            account, asset, mode, leg, review_code, conflict_id
        )
        SELECT
            record_rejected_messages.feed, m.body, m.bytes, m.digest, m.reason, m.detail,
            m.trace_id, m.times,
            (m.named).account, (m.named).asset, (m.named).mode, (m.named).leg,
            CASE
                WHEN (m.named).account IS NOT NULL
                    THEN pms.rejection_review_code(record_rejected_messages.feed)
            END,
            CASE
                WHEN m.reason = 'identity_conflict' THEN (
                    SELECT k.id
                    FROM pms.conflicts k
                    WHERE k.digest = md5((pms.parse_json(m.body) - 'trace_id')::text)
                    ORDER BY k.id DESC
                    LIMIT 1
                )
            END
        FROM message m
        ORDER BY m.digest
        ON CONFLICT ON CONSTRAINT rejected_messages_body_key DO UPDATE
        SET seen_count = r.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at,
            body = excluded.body,
            reason = excluded.reason,
            detail = excluded.detail,
            account = excluded.account,
            asset = excluded.asset,
            mode = excluded.mode,
            leg = excluded.leg,
            review_code = excluded.review_code,
            conflict_id = excluded.conflict_id
        RETURNING r.first_seen_at = r.last_seen_at AS is_new
    )

    SELECT count(*) INTO v_new FROM stored s WHERE s.is_new;

    IF v_keys <> '{}' THEN
        PERFORM pms.review_rejected_messages(v_keys);
    END IF;

    RETURN v_new;
END
$$;

COMMENT ON FUNCTION pms.record_rejected_messages IS
$$Store rejected messages as received, and flag the positions that they name

Returns the number of new ones. Safe to repeat: the same message of the same feed is one row, seen more often. The arrays are of one
length; feed is order_events, venue_positions or prices. sizes and digests (sha256) are of the whole
message where a body is only its beginning, and null where it is whole. readable: of unreadable
messages, the members that every parser reads alike, as far as there are any.$$;

GRANT EXECUTE ON FUNCTION pms.record_rejected_messages TO pms_worker;
