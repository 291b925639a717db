CREATE OR REPLACE FUNCTION pms.legs_from_ledger(account text, asset text, mode text)
RETURNS SETOF pms.folded_leg
LANGUAGE sql
STABLE
AS $$
WITH entry AS (
    SELECT e.leg, e.id, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized, e.executed_at
    FROM pms.entries e
    WHERE e.account = legs_from_ledger.account
        AND e.asset = legs_from_ledger.asset
        AND e.mode = legs_from_ledger.mode
        AND NOT EXISTS (
            SELECT 1 FROM pms.voids v WHERE v.account = e.account AND v.entry_id = e.id
        )
),

folded AS (
    SELECT
        s.leg,
        count(s.id) AS entries,
        max(s.executed_at) AS latest_at,
        pms.fold(
            s.seed, s.kind, s.quantity, s.price, s.fee, s.amount, s.realized, s.executed_at
            ORDER BY s.executed_at NULLS FIRST, s.id
        ) AS state
    FROM (
        SELECT
            l.leg, NULL::bigint AS id, NULL AS kind, NULL::numeric AS quantity,
            NULL::numeric AS price, NULL::numeric AS fee, NULL::numeric AS amount,
            NULL::numeric AS realized, NULL::timestamptz AS executed_at,
            pms.empty_leg(i.multiplier, i.kind) AS seed
        FROM (SELECT DISTINCT n.leg FROM entry n) l
        INNER JOIN pms.instruments i ON i.asset = legs_from_ledger.asset
        UNION ALL
        SELECT
            n.leg, n.id, n.kind, n.quantity, n.price, n.fee, n.amount, n.realized, n.executed_at, NULL
        FROM entry n
    ) s
    GROUP BY s.leg
)

SELECT
    f.leg, f.entries, f.latest_at, (f.state).size, (f.state).cost, (f.state).realized,
    (f.state).fees_open, (f.state).fees_close, (f.state).funding, (f.state).opened_at,
    (f.state).closed_at
FROM folded f
$$;

COMMENT ON FUNCTION pms.legs_from_ledger IS $$What the legs of a position are by their ledger

Folds every entry from the first: for checking, not for answering. Raises class 22 when an entry
cannot be valued (an inverse contract at price 0).$$;
