CREATE OR REPLACE FUNCTION pms.mark_positions(
    prices pms.price_event[],
    also pms.leg_key[] DEFAULT '{}',
    OUT marked pms.changed_leg[],
    OUT marked_at timestamptz
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_applied CONSTANT pms.price_event[] := ARRAY(
        SELECT e FROM unnest(prices) e WHERE e.outcome = 'applied'
    );
BEGIN
    -- The rows are locked in the order of the key before any is written: fills do the same.
    IF also = '{}' THEN
        PERFORM 1
        FROM pms.positions p
        INNER JOIN unnest(v_applied) e ON p.asset = e.asset
        WHERE p.size <> 0
        ORDER BY p.account, p.asset, p.mode, p.leg
        FOR UPDATE OF p;
        marked_at := clock_timestamp();
    ELSE
        marked_at := pms.lock_legs(
            also || ARRAY(
                SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
                FROM pms.positions p
                INNER JOIN unnest(v_applied) e ON p.asset = e.asset
                WHERE p.size <> 0
            )
        );
    END IF;

    WITH changed AS (
        UPDATE pms.positions p
        SET current_price = e.mark_price,
            version = p.version + 1,
            updated_at = mark_positions.marked_at
        FROM unnest(v_applied) e
        WHERE p.asset = e.asset
            AND p.size <> 0
        RETURNING
            (p.account, p.asset, p.mode, p.leg, e.trace_id, p.needs_review)::pms.changed_leg AS leg
    )

    SELECT array_agg(c.leg)
    INTO marked
    FROM changed c;
END
$$;

COMMENT ON FUNCTION pms.mark_positions IS
$$Mark the open positions with new prices; return their legs

prices: decided, as pms.store_prices returns them; those that were applied count. The caller
publishes the positions. One version for each leg, however many prices of its asset arrived. also:
legs that the caller is going to change; all are locked together, in one order, and marked_at is the
value that locking them returned. marked: null when no leg was marked.$$;
