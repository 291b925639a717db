CREATE OR REPLACE FUNCTION pms.legs_from_ledger(account text, asset text, mode text)
RETURNS SETOF pms.folded_leg
LANGUAGE sql
STABLE
AS $$
SELECT
    f.leg, f.entries, f.latest_at, (f.state).size, (f.state).cost, (f.state).realized,
    (f.state).fees_open, (f.state).fees_close, (f.state).funding, (f.state).opened_at,
    (f.state).closed_at
FROM (
    SELECT
        e.leg,
        count(*) AS entries,
        max(e.executed_at) AS latest_at,
        pms.fold(
            pms.empty_leg(pms.first_multiplier(i.asset, i.multiplier), i.kind),
            e.kind, e.quantity, e.price, e.fee, e.amount, e.realized, e.executed_at,
            e.closing_price
            ORDER BY e.executed_at, e.id
        ) AS state
    FROM pms.standing_entries e
    INNER JOIN pms.instruments i ON e.asset = i.asset
    WHERE (e.account, e.asset, e.mode)
        = (legs_from_ledger.account, legs_from_ledger.asset, legs_from_ledger.mode)
    GROUP BY e.leg
    -- Folds once, not for each column of the state (ADR 0002).
    OFFSET 0
) f
$$;

COMMENT ON FUNCTION pms.legs_from_ledger IS $$The legs of a position according to their ledger

Folds every entry from the first: to check stored rows, not to answer requests. Raises class 22 when an entry
cannot be valued (an inverse contract at price 0).$$;
