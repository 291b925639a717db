CREATE OR REPLACE FUNCTION pms.transfer_entries(
    origin pms.leg_key,
    to_account text,
    quantity numeric,
    price numeric,
    identity text,
    recorded_at timestamptz,
    trace_id text
)
RETURNS pms.ledger_entries[]
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

CREATE OR REPLACE FUNCTION pms.classify_transfer(asked pms.transfer)
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
                ELSE 'conflict'
            END
    -- A transfer from another account has the same identity here.
    WHEN EXISTS (
        SELECT 1
        FROM (VALUES (a.from_account), (a.to_account)) s (account)
        CROSS JOIN LATERAL pms.find_entry(s.account, 'transfer:' || a.transfer_id) e
    )
        THEN 'conflict'
    ELSE 'new'
END
FROM (SELECT (classify_transfer.asked).*) a
LEFT JOIN pms.transfers t ON a.from_account = t.account AND a.transfer_id = t.transfer_id
$$;

COMMENT ON FUNCTION pms.classify_transfer IS
$$Whether a transfer was recorded before: new, duplicate or conflict

conflict: its transfer_id belongs to another transfer of one of the two accounts. Both legs must be
locked.$$;

CREATE OR REPLACE FUNCTION pms.record_transfer(
    asked pms.transfer,
    trace_id text,
    OUT outcome text,
    OUT changed pms.changed_leg[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at timestamptz;
    v_entries pms.ledger_entries[];
BEGIN
    -- Locking creates legs that are missing: not for a transfer that is refused anyway.
    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE (p.account, p.asset, p.mode, p.leg)
            = (asked.from_account, asked.asset, asked.mode, asked.leg)
    )
    THEN
        outcome := 'insufficient';
        RETURN;
    END IF;

    v_recorded_at := pms.lock_legs(ARRAY[
        (asked.from_account, asked.asset, asked.mode, asked.leg),
        (asked.to_account, asked.asset, asked.mode, asked.leg)
    ]::pms.leg_key[]);

    outcome := pms.classify_transfer(asked);
    IF outcome <> 'new' THEN
        RETURN;
    END IF;

    v_entries := pms.transfer_entries(
        (asked.from_account, asked.asset, asked.mode, asked.leg)::pms.leg_key,
        asked.to_account, asked.quantity, asked.price, 'transfer:' || asked.transfer_id,
        v_recorded_at, record_transfer.trace_id
    );
    IF v_entries IS NULL THEN
        outcome := 'insufficient';
        RETURN;
    END IF;

    INSERT INTO pms.transfers (
        account, transfer_id, to_account, asset, mode, leg, quantity, price, recorded_at, trace_id
    )
    VALUES (
        asked.from_account, asked.transfer_id, asked.to_account, asked.asset, asked.mode,
        asked.leg, asked.quantity, asked.price, v_recorded_at, record_transfer.trace_id
    );
    changed := pms.post_entries(v_entries);
    outcome := 'applied';
END
$$;

COMMENT ON FUNCTION pms.record_transfer IS $$Record a transfer between accounts and post its entries

outcome: applied; duplicate when it was recorded before; conflict when its transfer_id belongs to
another transfer; insufficient when the account does not hold the quantity. Only applied changes
anything. changed: the legs for pms.finish_entries.$$;
