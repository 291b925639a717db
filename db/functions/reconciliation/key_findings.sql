CREATE OR REPLACE FUNCTION pms.key_findings(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz DEFAULT '-infinity',
    until timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
SELECT n.*
FROM pms.entries_of_leg(
        key_findings.account, key_findings.asset, key_findings.mode, key_findings.leg
    ) e
CROSS JOIN LATERAL (
    VALUES
    (
        'identity_key', e.identity_key::text,
        pms.identity_key(key_findings.account, e.identity)::text
    ),
    ('order_key', e.order_key::text, pms.order_key(key_findings.account, e.order_id)::text)
) k (field, stored, expected)
CROSS JOIN LATERAL pms.ledger_finding(
    key_findings.account, key_findings.asset, key_findings.mode, key_findings.leg, 'rule',
    format('%s of entry %s', k.field, e.id), k.stored, k.expected, 'restore the entry from a backup'
) n
WHERE e.executed_at > key_findings.since
    AND e.executed_at <= key_findings.until
    AND k.stored IS DISTINCT FROM k.expected
$$;

COMMENT ON FUNCTION pms.key_findings IS $$Where entries of a leg cannot be found by their texts

Of the event times after since, until until. An entry with another key than that of its identity
would be applied again when it is sent again; with another key than that of its order, a total would
not count it.$$;
