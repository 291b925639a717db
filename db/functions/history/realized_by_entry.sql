-- SECURITY DEFINER: a view calls its functions with the rights of its readers, and readers
-- see neither the checkpoints nor this schema.
CREATE OR REPLACE FUNCTION pms.realized_by_entry(
    entry_id bigint,
    leg_id integer,
    executed_at timestamptz
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    found pms.legs;
    held pms.checkpoints;
    v_before pms.leg_state;
    v_after pms.leg_state;
BEGIN
    SELECT l.* INTO STRICT found FROM pms.legs l WHERE l.leg_id = realized_by_entry.leg_id;

    held := pms.checkpoint_before(
        found.account, found.asset, found.mode, found.leg, realized_by_entry.executed_at,
        'infinity'
    );

    v_before := coalesce(
        (
            SELECT pms.fold(
                held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
                e.executed_at, e.closing_price ORDER BY e.executed_at, e.id
            )
            FROM pms.entries_after(
                found.account, found.asset, found.mode, found.leg, held,
                realized_by_entry.executed_at, 'infinity'
            ) e
            WHERE (e.executed_at, e.id)
                < (realized_by_entry.executed_at, realized_by_entry.entry_id)
        ),
        held.state
    );

    v_after := (
        SELECT pms.next_leg(
            v_before, held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
            e.executed_at, e.closing_price
        )
        FROM pms.ledger_entries e
        WHERE e.id = realized_by_entry.entry_id
    );

    RETURN pms.realized_change(v_before, v_after);
END
$$;

COMMENT ON FUNCTION pms.realized_by_entry IS $$What an entry changed in the realized PnL of its leg

As published: gross less fees of closing, plus funding; for an entry that is not voided. Folds from
the last checkpoint before the entry.$$;

-- The views call it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.realized_by_entry
TO pms_reader, pms_trader, pms_operator, pms_analyst;
