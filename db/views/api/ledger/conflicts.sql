CREATE OR REPLACE VIEW api.conflicts AS
SELECT
    k.account,
    k.id,
    k.identity,
    k.recorded,
    k.received,
    k.seen_count,
    k.first_seen_at,
    k.last_seen_at,
    k.trace_id
FROM pms.conflicts k
CROSS JOIN pms.read_only
WHERE pms.in_scope(k.account);

COMMENT ON VIEW api.conflicts IS $$Messages that contradict what was recorded under their identity

Both versions; only the recorded one is counted. A person decides: a correction of the recorded one,
or nothing.$$;

COMMENT ON COLUMN api.conflicts.account IS 'The account that the message names.';

COMMENT ON COLUMN api.conflicts.id IS 'Number of the conflict.';

COMMENT ON COLUMN api.conflicts.identity IS 'The identity that both versions have.';

COMMENT ON COLUMN api.conflicts.recorded IS 'The version that counts, as it was recorded.';

COMMENT ON COLUMN api.conflicts.received IS
'The version that does not, as it came (without its trace).';

COMMENT ON COLUMN api.conflicts.seen_count IS 'How often it came.';

COMMENT ON COLUMN api.conflicts.first_seen_at IS 'When it first came.';

COMMENT ON COLUMN api.conflicts.last_seen_at IS 'When it last came.';

COMMENT ON COLUMN api.conflicts.trace_id IS 'The trace under which it first came.';

GRANT SELECT ON api.conflicts TO pms_reader, pms_trader, pms_operator, pms_analyst;
