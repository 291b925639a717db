-- Deploy position_manager:functions/pms/transfer_entries to pg
-- requires: functions/pms/quotient
-- requires: migrations/entries
-- requires: migrations/positions
-- requires: migrations/types

BEGIN;

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
    (
        s.account, NULL, p.asset, p.mode, p.leg, 'transfer', transfer_entries.identity, NULL,
        s.direction * sign(p.size) * transfer_entries.quantity, transfer_entries.price,
        0, NULL, NULL, NULL,
        CASE WHEN transfer_entries.price IS NULL THEN s.direction * c.moved END,
        NULL, NULL, NULL, NULL, s.counter_account,
        -- What is moved is what is held after everything, also after a fill of a clock ahead.
        greatest(transfer_entries.recorded_at, p.last_executed_at), transfer_entries.recorded_at,
        'api', transfer_entries.trace_id
    )::pms.entries
)
FROM pms.positions p
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN transfer_entries.quantity = abs(p.size) THEN p.cost
        ELSE pms.quotient(
            p.cost * transfer_entries.quantity, abs(p.size), 0.000000000000000001
        )
    END AS moved
) c
CROSS JOIN LATERAL (
    VALUES
    (p.account, transfer_entries.to_account, -1),
    (transfer_entries.to_account, p.account, 1)
) s (account, counter_account, direction)
WHERE p.account = (origin).account
    AND p.asset = (origin).asset
    AND p.mode = (origin).mode
    AND p.leg = (origin).leg
    AND transfer_entries.quantity <= abs(p.size)
$$;

COMMENT ON FUNCTION pms.transfer_entries IS $$The two linked entries of a transfer between accounts

Without a price it is at cost: what the quantity cost leaves one account and comes to the other, and
nothing is realised. At a price, the first realises as if it had traded there. Null when the leg
does not hold so much. The leg must be locked. quantity: unsigned.$$;

COMMIT;
