CREATE OR REPLACE VIEW pms.ledger_entries WITH (security_invoker = TRUE) AS
SELECT
    l.account,
    e.id,
    l.asset,
    l.mode,
    l.leg,
    CASE e.kind
        WHEN 't' THEN 'trade'
        WHEN 'o' THEN 'opening'
        WHEN 'x' THEN 'transfer'
        WHEN 'a' THEN 'adjustment'
        WHEN 'f' THEN 'funding'
        WHEN 's' THEN 'split'
        WHEN 'r' THEN 'rename'
        WHEN 'c' THEN 'contract'
        WHEN 'e' THEN 'settlement'
        WHEN 'd' THEN 'distribution'
    END AS kind,
    CASE e.scheme
        WHEN 'e' THEN 'execution:'
        WHEN 'o' THEN 'order:'
        WHEN 'v' THEN 'event:'
        WHEN 'l' THEN 'fill:'
        WHEN 'f' THEN 'funding:'
        WHEN 'c' THEN 'correction:'
        WHEN 'x' THEN 'transfer:'
        WHEN 'a' THEN 'adjustment:'
        WHEN 'p' THEN 'adoption:'
        WHEN 'i' THEN 'import:'
        WHEN 'm' THEN 'match:'
        WHEN '-' THEN ''
    END || e.identity AS identity,
    e.order_id,
    e.quantity::numeric AS quantity,
    e.price::numeric AS price,
    e.fee::numeric AS fee,
    e.fee_currency,
    e.fee_native::numeric AS fee_native,
    e.fee_rate::numeric AS fee_rate,
    e.amount::numeric AS amount,
    e.realized::numeric AS realized,
    e.version,
    e.amends,
    e.cause::text AS cause,
    e.counter_account,
    e.executed_at,
    e.recorded_at,
    CASE e.source
        WHEN 'e' THEN 'order_execution'
        WHEN 'a' THEN 'api'
        WHEN 'v' THEN 'venue'
        WHEN 'c' THEN 'validation'
        WHEN 'i' THEN 'import'
    END AS source,
    e.trace_id,
    e.leg_id,
    e.identity_key,
    e.order_key,
    e.scheme,
    e.closing_price::numeric AS closing_price,
    e.closing_source,
    e.book
FROM pms.entries e
-- LEFT: not read where no column of it is.
LEFT JOIN pms.legs l ON e.leg_id = l.leg_id;

COMMENT ON VIEW pms.ledger_entries IS $$The ledger in words: each entry with its leg

Its row type is also that of an entry that is decided and not posted yet: id, version, leg_id,
identity_key, order_key and scheme are null then. Where the entries of one leg are read in order, condition on leg_id, see
pms.entries_of_leg: by account and asset, PostgreSQL would sort them all.$$;

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.ledger_entries TO pms_reader, pms_trader, pms_operator, pms_analyst;
