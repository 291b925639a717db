CREATE OR REPLACE FUNCTION pms.standing_adjustment(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM (
    SELECT standing_adjustment.identity
    UNION ALL
    SELECT a.identity
    FROM pms.amendments a
    WHERE a.account = standing_adjustment.account
        AND a.amends = standing_adjustment.identity
        AND a.cause = 'correction'
) k (identity)
CROSS JOIN LATERAL pms.find_entry(standing_adjustment.account, k.identity) e
WHERE NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.entry_id = e.id
    )
$$;

COMMENT ON FUNCTION pms.standing_adjustment IS $$The adjustment of an identity as it counts now

Corrected by a price or moved behind a fill it has another entry. No row: it was busted.$$;

CREATE OR REPLACE FUNCTION pms.quantity_closed_by(adjustment pms.ledger_entries)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT pms.closing_quantity(h.held, (quantity_closed_by.adjustment).quantity)
FROM (
    SELECT l.entry_id, lag((l.state).size) OVER (ORDER BY l.ordinal) AS held
    FROM pms.leg_history(
        (quantity_closed_by.adjustment).account, (quantity_closed_by.adjustment).asset,
        (quantity_closed_by.adjustment).mode, (quantity_closed_by.adjustment).leg,
        (quantity_closed_by.adjustment).executed_at, (quantity_closed_by.adjustment).executed_at
    ) l
) h
WHERE h.entry_id = (quantity_closed_by.adjustment).id
$$;

COMMENT ON FUNCTION pms.quantity_closed_by IS $$What a recorded adjustment closes of its leg now

What no fill before it explains. Signed as pms.closing_quantity.$$;
