CREATE OR REPLACE FUNCTION pms.transfer_entries(
    origin pms.leg_key,
    to_account text,
    quantity numeric,
    price numeric,
    identity text,
    recorded_at timestamptz,
    trace_id text
)
RETURNS pms.entries[]
LANGUAGE sql
STABLE
AS $$
SELECT array_agg(
    pms.new_entry(
        account => s.account,
        counter_account => s.counter_account,
        asset => p.asset,
        mode => p.mode,
        leg => p.leg,
        kind => 'transfer',
        identity => transfer_entries.identity,
        quantity => s.direction * sign(p.size) * transfer_entries.quantity,
        price => transfer_entries.price,
        amount => CASE WHEN transfer_entries.price IS NULL THEN s.direction * c.moved END,
        -- After all entries of the leg, also after a fill of a clock ahead.
        executed_at => greatest(transfer_entries.recorded_at, p.last_executed_at),
        recorded_at => transfer_entries.recorded_at,
        source => 'api',
        trace_id => transfer_entries.trace_id
    )
)
FROM pms.positions p
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN transfer_entries.quantity = abs(p.size) THEN p.cost
        ELSE pms.div_round(
            p.cost * transfer_entries.quantity, abs(p.size), 18
        )
    END AS moved
) c
CROSS JOIN LATERAL (
    VALUES
    (p.account, transfer_entries.to_account, -1),
    (transfer_entries.to_account, p.account, 1)
) s (account, counter_account, direction)
WHERE (p.account, p.asset, p.mode, p.leg)
    = ((origin).account, (origin).asset, (origin).mode, (origin).leg)
    AND transfer_entries.quantity <= abs(p.size)
$$;

COMMENT ON FUNCTION pms.transfer_entries IS $$The two linked entries of a transfer between accounts

Without a price it is at cost: the cost of the quantity leaves one account for the other, and
nothing is realized. At a price, the first realizes as if it had traded there. Null when the leg
holds less. The leg must be locked. quantity: unsigned.$$;

CREATE OR REPLACE FUNCTION pms.transfer_outcome(asked pms.transfer)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN t.transfer_id IS NOT NULL
        THEN
            CASE
                WHEN (t.to_account, t.asset, t.mode, t.leg, t.quantity)
                    = (a.to_account, a.asset, a.mode, a.leg, a.quantity)
                    AND t.price IS NOT DISTINCT FROM a.price
                    THEN 'duplicate'
                ELSE 'identity_conflict'
            END
    -- A transfer that another account gave has the same identity here.
    WHEN EXISTS (
        SELECT 1
        FROM pms.entries e
        WHERE e.account IN (a.from_account, a.to_account)
            AND e.identity = 'transfer:' || a.transfer_id
    )
        THEN 'identity_conflict'
    ELSE 'new'
END
FROM (SELECT (transfer_outcome.asked).*) a
LEFT JOIN pms.transfers t ON a.from_account = t.account AND a.transfer_id = t.transfer_id
$$;

COMMENT ON FUNCTION pms.transfer_outcome IS $$Compare a transfer with those that were made

new: its transfer_id is new to both accounts. duplicate: the same transfer was made.
identity_conflict: its transfer_id belongs to another one.$$;
