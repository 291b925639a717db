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

Without a price it is at cost: what the quantity cost leaves one account and comes to the other, and
nothing is realised. At a price, the first realises as if it had traded there. Null when the leg
does not hold so much. The leg must be locked. quantity: unsigned.$$;

CREATE OR REPLACE FUNCTION pms.transfer_is_repeat(asked pms.transfer)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN t.transfer_id IS NOT NULL
        THEN
            (t.to_account, t.asset, t.mode, t.leg, t.quantity)
            = (a.to_account, a.asset, a.mode, a.leg, a.quantity)
            AND t.price IS NOT DISTINCT FROM a.price
    -- One that another account gave has the same identity here.
    WHEN EXISTS (
        SELECT 1
        FROM pms.entries e
        WHERE e.account IN (a.from_account, a.to_account)
            AND e.identity = 'transfer:' || a.transfer_id
    )
        THEN FALSE
END
FROM (SELECT (transfer_is_repeat.asked).*) a
LEFT JOIN pms.transfers t ON a.from_account = t.account AND a.transfer_id = t.transfer_id
$$;

COMMENT ON FUNCTION pms.transfer_is_repeat IS $$Whether a transfer is one that was made before

Null when its transfer_id is new to both accounts; false when it stands for another transfer.$$;

CREATE OR REPLACE FUNCTION pms.insufficient_position_error(asked pms.transfer)
RETURNS jsonb
LANGUAGE sql
RETURN pms.error_response(
    409,
    'CONFLICT',
    'the account does not hold so much',
    jsonb_build_object(
        'from_account', (asked).from_account,
        'asset', (asked).asset,
        'mode', (asked).mode,
        'quantity', pms.decimal_text((asked).quantity)
    )
);

COMMENT ON FUNCTION pms.insufficient_position_error IS
'The answer to a transfer of more than the account holds.';
