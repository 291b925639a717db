CREATE OR REPLACE VIEW api.discrepancies AS
SELECT
    d.account,
    d.id,
    d.asset,
    d.mode,
    d.leg,
    d.kind,
    d.field,
    d.ours,
    d.theirs,
    trim_scale(d.threshold) AS threshold,
    d.proposal,
    trim_scale(d.target_size) AS target_size,
    trim_scale(d.target_cost) AS target_cost,
    d.is_fixable,
    d.status,
    d.evidence,
    d.first_seen_at,
    d.opened_at,
    d.last_seen_at,
    d.times_seen,
    d.closed_at,
    d.decided_by,
    d.decided_at,
    d.note,
    d.trace_id
FROM pms.discrepancies d
CROSS JOIN pms.read_only
WHERE pms.in_scope(d.account);

COMMENT ON VIEW api.discrepancies IS $$What was found not to be as it should be

The same disagreement is one row, however often it is seen, and closes itself when it goes away. A
position with an open one needs review.$$;

COMMENT ON COLUMN api.discrepancies.account IS 'The account of the position.';

COMMENT ON COLUMN api.discrepancies.id IS 'The same forever for the same disagreement.';

COMMENT ON COLUMN api.discrepancies.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.discrepancies.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.discrepancies.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.discrepancies.kind IS
'size or average_price: the venue with us; adoption: what only the venue knows; stored_row or
checkpoint: what is kept with its ledger; rule: a leg with what every leg keeps.';

COMMENT ON COLUMN api.discrepancies.field IS 'What of the leg.';

COMMENT ON COLUMN api.discrepancies.ours IS 'Our value: an amount or a time.';

COMMENT ON COLUMN api.discrepancies.theirs IS
'The value of the venue, or what the ledger or the rule asks for.';

COMMENT ON COLUMN api.discrepancies.threshold IS
'A difference above it is one: a quantity, or a ratio of prices; null: any is.';

COMMENT ON COLUMN api.discrepancies.proposal IS 'What would settle it, in words.';

COMMENT ON COLUMN api.discrepancies.target_size IS
'Quantity, signed, that the leg would be stated to have; null: nothing would be stated.';

COMMENT ON COLUMN api.discrepancies.target_cost IS 'Settlement currency: and its cost.';

COMMENT ON COLUMN api.discrepancies.is_fixable IS 'The next validation may put it right by itself.';

COMMENT ON COLUMN api.discrepancies.status IS
'open, fixed by the rules, accepted or dismissed by a person, or gone by itself.';

COMMENT ON COLUMN api.discrepancies.evidence IS 'The report of the venue; null without one.';

COMMENT ON COLUMN api.discrepancies.first_seen_at IS 'When it was first seen.';

COMMENT ON COLUMN api.discrepancies.opened_at IS 'When it was last opened.';

COMMENT ON COLUMN api.discrepancies.last_seen_at IS 'When it was last seen.';

COMMENT ON COLUMN api.discrepancies.times_seen IS 'How often it was seen.';

COMMENT ON COLUMN api.discrepancies.closed_at IS 'Since when it is not open; null: it is.';

COMMENT ON COLUMN api.discrepancies.decided_by IS 'Who accepted or dismissed it: a key, or a role.';

COMMENT ON COLUMN api.discrepancies.decided_at IS 'When that was.';

COMMENT ON COLUMN api.discrepancies.note IS 'Why, in their words.';

COMMENT ON COLUMN api.discrepancies.trace_id IS 'The trace under which it was last seen.';

GRANT SELECT ON api.discrepancies TO pms_reader, pms_trader, pms_operator, pms_analyst;
