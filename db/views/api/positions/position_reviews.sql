CREATE OR REPLACE VIEW api.position_reviews WITH (security_barrier = TRUE) AS
SELECT
    v.account,
    v.asset,
    v.mode,
    v.leg,
    v.code,
    v.source,
    v.detail,
    v.remedy,
    v.raised_at
FROM pms.standing_reviews v
CROSS JOIN pms.read_only
WHERE pms.in_scope(v.account);

COMMENT ON VIEW api.position_reviews IS $$Why each position needs review, and what settles it

One row for each reason of a leg; it is gone once it is settled. The codes of a position are
review_reasons of api.positions.$$;

COMMENT ON COLUMN api.position_reviews.account IS 'The account that holds the position.';

COMMENT ON COLUMN api.position_reviews.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.position_reviews.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.position_reviews.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.position_reviews.code IS 'The kind of reason.';

COMMENT ON COLUMN api.position_reviews.source IS
'What raised it: the id of a discrepancy or a dead letter, the identity of an entry.';

COMMENT ON COLUMN api.position_reviews.detail IS 'The finding.';

COMMENT ON COLUMN api.position_reviews.remedy IS
'The commands or messages that settle it, source filled in.';

COMMENT ON COLUMN api.position_reviews.raised_at IS 'When it was raised.';

GRANT SELECT ON api.position_reviews TO pms_reader, pms_trader, pms_operator, pms_analyst;
