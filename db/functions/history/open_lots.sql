CREATE OR REPLACE FUNCTION pms.cost_after(entry pms.ledger_entries)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT (l.state).cost
FROM pms.leg_history(
    (cost_after.entry).account, (cost_after.entry).asset, (cost_after.entry).mode,
    (cost_after.entry).leg, (cost_after.entry).executed_at, (cost_after.entry).executed_at
) l
WHERE l.entry_id = (cost_after.entry).id
$$;

COMMENT ON FUNCTION pms.cost_after IS 'The cost of a leg right after one of its entries.';

CREATE OR REPLACE FUNCTION pms.in_later_units(
    quantity numeric,
    actions pms.ledger_entries[]
)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    FOR place IN 1..cardinality(actions)
    LOOP
        quantity := pms.div_round(quantity * actions[place].price, actions[place].amount, 18);
    END LOOP;
    RETURN quantity;
END
$$;

COMMENT ON FUNCTION pms.in_later_units IS
'A quantity in the units after splits and changes of the contract, in their order.';

CREATE OR REPLACE FUNCTION pms.brought_forward_lot(
    account text,
    asset text,
    mode text,
    leg text,
    quantity numeric,
    actions pms.ledger_entries[]
)
RETURNS SETOF pms.open_lot
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.checkpoints;
BEGIN
    IF quantity = 0 THEN
        RETURN;
    END IF;

    held := pms.checkpoint_before(account, asset, mode, leg, '-infinity', 'infinity');
    IF sign((held.state).size) = sign(quantity) THEN
        RETURN NEXT (
            held.entry_id, (held.state).opened_at, quantity,
            pms.div_round(
                (held.state).cost * quantity, pms.in_later_units((held.state).size, actions), 18
            )
        )::pms.open_lot;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.brought_forward_lot IS
$$The lot of what a leg has left of its archived entries: at most one

quantity: what its lots in the ledger do not make; actions: the splits since.$$;

-- SECURITY DEFINER: a view calls its functions with the rights of its readers, and readers
-- see neither the ledger nor this schema.
CREATE OR REPLACE FUNCTION pms.open_lots(account text, asset text, mode text, leg text)
RETURNS SETOF pms.open_lot
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
ROWS 10
AS $$
DECLARE
    instrument pms.instruments;
    entry pms.ledger_entries;
    lot pms.open_lot;
    v_left numeric;
    v_entered numeric;
    v_multiplier numeric;
    v_leg_id integer;
    v_actions pms.ledger_entries[] := ARRAY[]::pms.ledger_entries[];
BEGIN
    SELECT p.size, p.leg_id
    INTO v_left, v_leg_id
    FROM pms.positions p
    WHERE (p.account, p.asset, p.mode, p.leg)
        = (open_lots.account, open_lots.asset, open_lots.mode, open_lots.leg);

    SELECT i.* INTO STRICT instrument FROM pms.instruments i WHERE i.asset = open_lots.asset;
    v_multiplier := instrument.multiplier;

    entry.executed_at := 'infinity';
    entry.id := 0;

    WHILE v_left <> 0
    LOOP
        FOR entry IN
            SELECT e.*
            FROM pms.standing_entries e
            WHERE e.leg_id = v_leg_id
                AND (e.executed_at, e.id) < (entry.executed_at, entry.id)
                -- For the partitions, as in pms.entries_after.
                AND e.executed_at <= entry.executed_at
                AND e.kind NOT IN ('funding', 'distribution')
            ORDER BY e.executed_at DESC, e.id DESC
            LIMIT 100
        LOOP
            -- Nothing older is open.
            IF entry.quantity = 0 AND entry.kind IN ('rename', 'settlement') THEN
                RETURN;
            END IF;

            IF entry.kind IN ('split', 'contract') THEN
                v_actions := entry || v_actions;
                IF entry.kind = 'contract' THEN
                    SELECT (h.state).multiplier
                    INTO v_multiplier
                    FROM pms.leg_history(
                        entry.account, entry.asset, entry.mode, entry.leg, entry.executed_at,
                        entry.executed_at
                    ) h
                    WHERE h.entry_id IS NULL
                        OR (h.executed_at, h.entry_id) < (entry.executed_at, entry.id)
                    ORDER BY h.ordinal DESC
                    LIMIT 1;
                END IF;
                CONTINUE;
            END IF;

            IF sign(entry.quantity) = sign(v_left) THEN
                v_entered := pms.in_later_units(entry.quantity, v_actions);

                lot := (
                    entry.id, entry.executed_at,
                    sign(v_left) * least(abs(v_entered), abs(v_left)),
                    coalesce(
                        -- The rest of the leg kept its share of the cost.
                        CASE
                            WHEN entry.closing_price IS NOT NULL AND entry.price IS NULL
                                THEN pms.cost_after(entry)
                        END,
                        entry.amount,
                        pms.contract_value(
                            entry.quantity, entry.price, v_multiplier,
                            instrument.kind = 'inverse'
                        )
                    )
                );
                IF lot.quantity <> v_entered THEN
                    lot.cost := pms.div_round(lot.cost * lot.quantity, v_entered, 18);
                END IF;
                v_left := v_left - lot.quantity;
                RETURN NEXT lot;
            END IF;

            -- It states a size without its lots.
            IF entry.kind IN ('opening', 'adjustment') THEN
                RETURN;
            END IF;
            EXIT WHEN v_left = 0;
        END LOOP;

        EXIT WHEN NOT FOUND;
    END LOOP;

    -- The ledger holds less than the row. What archived entries brought forward is one lot, as an
    -- opening is; validation finds any other difference.
    RETURN QUERY
    SELECT l.*
    FROM pms.brought_forward_lot(account, asset, mode, leg, v_left, v_actions) l;
END
$$;

COMMENT ON FUNCTION pms.open_lots IS $$What a leg holds, first in first out, the newest lot first

The first unit bought is the first one sold, so the open lots are the newest entries of the leg's own
side, as many as make its size; of the oldest of them a part, with its share of the value. An
opening or an adjustment states a size without its lots: it is one lot, and so is what a rename moved.
The remainder of archived lots is one lot, too.
Lots of before a split are in the units after it. Walks back from the newest
entry, as far as there are open lots. The lots make less than the size of the leg if its row differs
from its ledger.$$;

-- The views call it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.open_lots TO pms_reader, pms_trader, pms_operator, pms_analyst;
