CREATE OR REPLACE VIEW api.conflicts WITH (security_invoker = TRUE) AS
SELECT
    k.account,
    k.id,
    k.identity,
    k.recorded,
    k.received,
    k.seen_count AS times_seen,
    k.first_seen_at,
    k.last_seen_at,
    k.trace_id,
    k.status,
    k.asset,
    k.mode,
    k.leg
FROM pms.conflicts k
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.conflicts IS $$Messages with a known identity and different content

Shows both versions; only the recorded one counts. The position of one that waits needs review, until
settle_conflict keeps the recorded version or takes the received one.$$;

COMMENT ON COLUMN api.conflicts.account IS 'The account named in the message.';

COMMENT ON COLUMN api.conflicts.id IS 'The argument of settle_conflict.';

COMMENT ON COLUMN api.conflicts.identity IS 'The identity shared by both versions.';

COMMENT ON COLUMN api.conflicts.recorded IS 'The version that counts, as it was recorded.';

COMMENT ON COLUMN api.conflicts.received IS
'The version that does not count, as received (without its trace).';

COMMENT ON COLUMN api.conflicts.times_seen IS 'Count: how often the message was received.';

COMMENT ON COLUMN api.conflicts.first_seen_at IS 'When it was first received.';

COMMENT ON COLUMN api.conflicts.last_seen_at IS 'When it was last received.';

COMMENT ON COLUMN api.conflicts.trace_id IS 'The trace id of the first message.';

COMMENT ON COLUMN api.conflicts.status IS 'waiting, kept or taken.';

COMMENT ON COLUMN api.conflicts.asset IS 'The asset that the message names; null: none.';

COMMENT ON COLUMN api.conflicts.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.conflicts.leg IS 'net, long or short.';

GRANT SELECT ON api.conflicts TO pms_reader, pms_trader, pms_operator, pms_analyst;
