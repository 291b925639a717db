CREATE OR REPLACE VIEW api.dead_letters AS
SELECT
    r.id,
    r.feed,
    r.reason,
    r.detail,
    r.trace_id,
    pms.parse_json(r.body) AS message,
    encode(r.body, 'escape') AS body,
    length(r.body) AS bytes,
    r.seen_count,
    r.first_seen_at,
    r.last_seen_at
FROM pms.rejected_messages r
CROSS JOIN pms.read_only
-- Whose they are nobody knows before they can be read.
WHERE pms.in_scope('*');

COMMENT ON VIEW api.dead_letters IS $$Messages that were refused, as they came, with the reason

One row for each body of a feed, however often it was sent. A retry that is taken removes it.$$;

COMMENT ON COLUMN api.dead_letters.id IS 'Names it to retry_dead_letter and drop_dead_letter.';

COMMENT ON COLUMN api.dead_letters.feed IS 'order_events, venue_positions or prices.';

COMMENT ON COLUMN api.dead_letters.reason IS 'Why it was refused, as a code.';

COMMENT ON COLUMN api.dead_letters.detail IS 'The field, and what is wrong with it.';

COMMENT ON COLUMN api.dead_letters.trace_id IS 'Of the message, as far as it could be read.';

COMMENT ON COLUMN api.dead_letters.message IS 'What it says; null when it is no JSON.';

COMMENT ON COLUMN api.dead_letters.body IS
'The bytes as they came, what is not printable as \nnn; cut off where they are too many.';

COMMENT ON COLUMN api.dead_letters.bytes IS 'Count: the bytes that are kept.';

COMMENT ON COLUMN api.dead_letters.seen_count IS 'Count: how often it was refused.';

COMMENT ON COLUMN api.dead_letters.first_seen_at IS 'When it first came.';

COMMENT ON COLUMN api.dead_letters.last_seen_at IS 'When it last came, or was last retried.';

GRANT SELECT ON api.dead_letters TO pms_operator, pms_http_operator;
