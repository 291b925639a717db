CREATE OR REPLACE FUNCTION pms.rule_findings(account text, asset text, mode text)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
WITH entered AS (
    SELECT
        e.leg,
        -- The value of these actions depends on the size at their time.
        bool_or(
            e.kind IN ('opening', 'adjustment', 'rename', 'contract', 'settlement')
        ) AS is_stated,
        sum(coalesce(
            e.amount, pms.contract_value(e.quantity, e.price, i.multiplier, i.kind = 'inverse')
        )) FILTER (WHERE e.kind IN ('trade', 'transfer')) AS traded_value
    FROM pms.standing_entries e
    INNER JOIN pms.instruments i ON e.asset = i.asset
    WHERE e.account = rule_findings.account
        AND e.asset = rule_findings.asset
        AND e.mode = rule_findings.mode
    GROUP BY e.leg
)

SELECT n.*
FROM pms.positions p
INNER JOIN entered e ON p.leg = e.leg
CROSS JOIN LATERAL (
    VALUES
    -- No money comes from nowhere: what was earned is what was paid and received, as far as nobody
    -- said otherwise.
    (
        'realized - cost', p.realized - p.cost, -coalesce(e.traded_value, 0),
        e.is_stated OR p.realized - p.cost = -coalesce(e.traded_value, 0)
    ),
    -- A leg of a hedge does not cross zero: that is what its other leg is for. A strategy may
    -- close what another one has opened.
    (
        'size', p.size, 0,
        CASE p.leg WHEN 'long' THEN p.size >= 0 WHEN 'short' THEN p.size <= 0 ELSE TRUE END
        OR pms.is_book(p.account)
    )
) r (field, stored, expected, holds)
CROSS JOIN LATERAL pms.ledger_finding(
    p.account, p.asset, p.mode, p.leg, 'rule', r.field, pms.decimal_text(r.stored),
    pms.decimal_text(r.expected), 'record, bust or correct the fill that is wrong'
) n
WHERE p.account = rule_findings.account
    AND p.asset = rule_findings.asset
    AND p.mode = rule_findings.mode
    AND NOT r.holds
ORDER BY p.leg, r.field
$$;

COMMENT ON FUNCTION pms.rule_findings IS $$Where stored legs break a rule that every leg keeps

Independent of the fold, so that an error in it does not pass unseen. Source: accounting.md,
"Invariants". expected is the limit where the rule is an inequality.$$;
