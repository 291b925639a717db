CREATE OR REPLACE VIEW api.discrepancies WITH (security_invoker = TRUE) AS
SELECT
    pms.base_account(d.account) AS account,
    pms.book_of(d.account) AS book,
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
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.discrepancies IS $$Disagreements with the venue, the ledger or the rules

The same disagreement is one row, no matter how often it is seen, and is resolved when a later
comparison no longer finds it. A position with an open discrepancy needs review.$$;

COMMENT ON COLUMN api.discrepancies.account IS 'The account of the position.';

COMMENT ON COLUMN api.discrepancies.book IS $$The book of the account that it is in, or null

A key that is bound to accounts sees those of books by get_discrepancies only.$$;

COMMENT ON COLUMN api.discrepancies.id IS 'The same disagreement always has the same id.';

COMMENT ON COLUMN api.discrepancies.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.discrepancies.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.discrepancies.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.discrepancies.kind IS
'size or average_price: the venue reports another value; adoption: only the venue knows the
position; stored_row or checkpoint: the stored state differs from its ledger; rule: a leg breaks a
rule.';

COMMENT ON COLUMN api.discrepancies.field IS 'The field of the leg.';

COMMENT ON COLUMN api.discrepancies.ours IS 'Our value: an amount or a time.';

COMMENT ON COLUMN api.discrepancies.theirs IS
'The value of the venue, or the one the ledger or the rule requires.';

COMMENT ON COLUMN api.discrepancies.threshold IS
'A quantity or a ratio of prices; a greater difference is a discrepancy. Null: any difference is.';

COMMENT ON COLUMN api.discrepancies.proposal IS 'The proposed correction, in words.';

COMMENT ON COLUMN api.discrepancies.target_size IS
'Quantity, signed, that the correction would set; null if it sets none.';

COMMENT ON COLUMN api.discrepancies.target_cost IS 'Settlement currency: the cost of target_size.';

COMMENT ON COLUMN api.discrepancies.is_fixable IS
'The next validation may correct it automatically.';

COMMENT ON COLUMN api.discrepancies.status IS
'open, fixed by the rules, accepted or dismissed by an operator, or resolved.';

COMMENT ON COLUMN api.discrepancies.evidence IS 'The report of the venue; null if there is none.';

COMMENT ON COLUMN api.discrepancies.first_seen_at IS 'When it was first seen.';

COMMENT ON COLUMN api.discrepancies.opened_at IS 'When it was last opened.';

COMMENT ON COLUMN api.discrepancies.last_seen_at IS 'When it was last seen.';

COMMENT ON COLUMN api.discrepancies.times_seen IS 'Count: how often it was seen.';

COMMENT ON COLUMN api.discrepancies.closed_at IS 'When it was closed; null while open.';

COMMENT ON COLUMN api.discrepancies.decided_by IS 'The key or role that accepted or dismissed it.';

COMMENT ON COLUMN api.discrepancies.decided_at IS 'When it was accepted or dismissed.';

COMMENT ON COLUMN api.discrepancies.note IS 'The reason given with the decision.';

COMMENT ON COLUMN api.discrepancies.trace_id IS 'The trace id of the latest sighting.';

GRANT SELECT ON api.discrepancies TO pms_reader, pms_trader, pms_operator, pms_analyst;
