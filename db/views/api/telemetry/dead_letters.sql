CREATE OR REPLACE VIEW api.dead_letters WITH (security_barrier = TRUE) AS
SELECT
    r.id,
    r.feed,
    r.reason,
    r.detail,
    r.trace_id,
    CASE WHEN NOT pms.is_unreadable(r.reason) THEN pms.parse_json(r.body) END AS message,
    encode(r.body, 'escape') AS body,
    r.bytes,
    r.seen_count AS times_seen,
    r.first_seen_at,
    r.last_seen_at,
    encode(r.digest, 'hex') AS sha256
FROM pms.rejected_messages r
CROSS JOIN pms.read_only
-- The account of a message is unknown until it can be parsed.
WHERE pms.in_scope('*');

COMMENT ON VIEW api.dead_letters IS $$Rejected messages, as received, with the reason

One row per distinct message of a feed, no matter how often it was sent. A successful retry removes
the row. Rows are kept for rejected_retention, those that flag a position until they are settled, and
the newest of each feed up to rejected_max_bytes.$$;

COMMENT ON COLUMN api.dead_letters.id IS 'The argument of retry_dead_letter and drop_dead_letter.';

COMMENT ON COLUMN api.dead_letters.feed IS 'order_events, venue_positions or prices.';

COMMENT ON COLUMN api.dead_letters.reason IS 'The reason code of the rejection.';

COMMENT ON COLUMN api.dead_letters.detail IS 'The field and its error.';

COMMENT ON COLUMN api.dead_letters.trace_id IS
'The trace id of the message, if it could be parsed.';

COMMENT ON COLUMN api.dead_letters.message IS
'The body as JSON; null if it is not the strict JSON of messages.';

COMMENT ON COLUMN api.dead_letters.body IS
'The bytes as received, those beyond ASCII as \nnn; of an unreadable message the first 4 kB.';

COMMENT ON COLUMN api.dead_letters.bytes IS 'Count: bytes of the whole message.';

COMMENT ON COLUMN api.dead_letters.times_seen IS 'Count: how often it was rejected.';

COMMENT ON COLUMN api.dead_letters.first_seen_at IS 'When it was first received.';

COMMENT ON COLUMN api.dead_letters.last_seen_at IS 'When it was last received or retried.';

COMMENT ON COLUMN api.dead_letters.sha256 IS 'The digest of the whole message, in hexadecimal.';

GRANT SELECT ON api.dead_letters TO pms_operator, pms_http_operator;
