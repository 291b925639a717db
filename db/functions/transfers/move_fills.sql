CREATE OR REPLACE FUNCTION pms.move_entries(
    account text,
    asset text,
    to_mode text,
    to_leg text,
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
        account => p.account,
        counter_account => p.account,
        asset => p.asset,
        mode => s.mode,
        leg => s.leg,
        kind => 'transfer',
        identity => move_entries.identity || ':' || p.leg || s.suffix,
        quantity => s.direction * p.size,
        amount => s.direction * p.cost,
        -- After the entries that are moved, and before a report that knows of them.
        executed_at => greatest(p.last_executed_at, pms.ledger_closed_until()),
        recorded_at => move_entries.recorded_at,
        source => 'api',
        trace_id => move_entries.trace_id
    )
    ORDER BY s.direction, p.leg
)
FROM pms.positions p
CROSS JOIN LATERAL (
    VALUES
    (p.mode, p.leg, '', -1),
    (
        move_entries.to_mode,
        CASE
            WHEN move_entries.to_mode = 'one-way' THEN 'net'
            WHEN move_entries.to_leg IS NOT NULL THEN move_entries.to_leg
            WHEN p.size > 0 THEN 'long'
            ELSE 'short'
        END,
        ':in',
        1
    )
) s (mode, leg, suffix, direction)
WHERE p.account = move_entries.account
    AND p.asset = move_entries.asset
    AND p.mode <> move_entries.to_mode
    AND p.size <> 0
    -- To one-way mode, the leg that is named is the one that is moved.
    AND (move_entries.to_mode = 'hedge' OR p.leg = coalesce(move_entries.to_leg, p.leg))
$$;

COMMENT ON FUNCTION pms.move_entries IS
$$Two linked entries for each leg that moves to the other mode

At cost: nothing is realized, and they are dated as the newest entry of the leg. Null when there is
nothing to move. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.move_fills(
    account text,
    asset text,
    to_mode text,
    to_leg text,
    move_id text,
    trace_id text,
    OUT outcome text,
    OUT changed pms.changed_leg[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_identity CONSTANT text := 'move:' || move_id;
    v_legs CONSTANT pms.leg_key[] := ARRAY(
        SELECT (move_fills.account, move_fills.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.positions p
        WHERE p.account = move_fills.account
            AND p.asset = move_fills.asset
    );
    v_recorded_at timestamptz;
    v_entries pms.ledger_entries[];
BEGIN
    outcome := 'nothing';
    IF v_legs = '{}' THEN
        RETURN;
    END IF;

    v_recorded_at := pms.lock_legs(
        v_legs || CASE
            WHEN to_mode = 'hedge'
                THEN ARRAY[
                        (account, asset, 'hedge', 'long'), (account, asset, 'hedge', 'short')
                    ]::pms.leg_key[]
            ELSE ARRAY[(account, asset, 'one-way', 'net')]::pms.leg_key[]
        END
    );

    SELECT
        CASE
            WHEN bool_and(e.asset = move_fills.asset AND e.mode <> move_fills.to_mode)
                THEN 'duplicate'
            ELSE 'conflict'
        END
    INTO outcome
    FROM (VALUES ('net'), ('long'), ('short')) l (leg)
    CROSS JOIN LATERAL pms.find_entry(move_fills.account, v_identity || ':' || l.leg) e
    HAVING count(*) > 0;
    IF EXISTS (
        SELECT 1
        FROM (VALUES ('net'), ('long'), ('short')) l (leg)
        WHERE pms.is_archived(
                'i', pms.identity_key(move_fills.account, v_identity || ':' || l.leg)
            )
    ) THEN
        outcome := 'duplicate';
    END IF;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;

    v_entries := pms.move_entries(
        account, asset, to_mode, to_leg, v_identity, v_recorded_at, trace_id
    );
    outcome := CASE
        WHEN v_entries IS NULL THEN 'nothing'
        WHEN EXISTS (
            SELECT 1
            FROM (
                SELECT n.leg, sum(n.quantity) AS quantity
                FROM unnest(v_entries) n
                WHERE n.mode = 'hedge'
                    AND n.mode = move_fills.to_mode
                GROUP BY n.leg
            ) i
            INNER JOIN pms.positions p
                ON p.account = move_fills.account
                AND p.asset = move_fills.asset
                AND p.mode = 'hedge'
                AND p.leg = i.leg
            WHERE (p.size + i.quantity) * CASE i.leg WHEN 'long' THEN 1 ELSE -1 END < 0
        )
            THEN 'wrong_side'
        ELSE 'applied'
    END;

    IF outcome = 'applied' THEN
        changed := pms.post_entries(v_entries);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.move_fills IS
$$Move what an asset has in one mode to the other, at cost, and post the entries

to_leg: of the hedge; null is by the side of the position, and all legs of a hedge. outcome: applied;
duplicate when move_id did the same before; conflict when it moved something else; nothing when the
other mode is flat; wrong_side when a leg of the hedge would cross zero. changed: the legs for
pms.finish_entries.$$;
