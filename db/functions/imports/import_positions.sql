CREATE OR REPLACE FUNCTION pms.import_positions(
    positions jsonb,
    account text,
    trace_id text,
    OUT legs pms.imported_leg[],
    OUT changed pms.changed_leg[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at timestamptz;
    v_keys pms.leg_key[];
    v_prices pms.price_event[];
    v_changed_holds text[];
    v_marked pms.leg_key[];
BEGIN
    PERFORM pms.lock_rules();

    legs := ARRAY(
        SELECT l
        FROM pms.plan_import(import_positions.positions, import_positions.account) l
    );

    v_keys := ARRAY(
        SELECT (l.account, l.asset, l.mode, l.leg)::pms.leg_key
        FROM unnest(legs) l
        WHERE l.outcome = 'applied'
    );

    IF v_keys = '{}' THEN
        RETURN;
    END IF;

    -- A price of the older table counts unless a newer one is known.
    SELECT s.outcomes, s.changed_holds
    INTO v_prices, v_changed_holds
    FROM pms.store_prices(ARRAY(
        SELECT (
            l.ordinal, NULL, NULL, NULL, import_positions.trace_id, l.asset, l.current_price,
            l.executed_at, 'import'
        )::pms.price_event
        FROM unnest(legs) l
        WHERE l.outcome = 'applied'
            AND l.size <> 0
            AND l.current_price IS NOT NULL
            AND l.executed_at IS NOT NULL
    )) s;
    v_marked := pms.legs_to_mark(v_prices, v_changed_holds);
    -- Together, for all locks are taken in one order; legs of other accounts are only marked.
    PERFORM pms.lock_stored_legs(v_keys || v_marked);
    IF v_changed_holds IS NOT NULL THEN
        PERFORM pms.review_held_prices(v_changed_holds);
    END IF;
    PERFORM pms.mark_legs(v_marked);
    v_recorded_at := pms.lock_legs(v_keys, '-infinity');

    -- Behind the locks: of two imports at once the second finds what the first has done.
    legs := ARRAY(
        SELECT l
        FROM pms.plan_import(import_positions.positions, import_positions.account) l
    );

    changed := pms.post_entries(
        ARRAY(
            SELECT pms.new_entry(
                account => l.account,
                asset => l.asset,
                mode => l.mode,
                leg => l.leg,
                kind => 'opening',
                cause => 'import',
                identity => pms.import_identity(l),
                quantity => l.size,
                price => l.average_price,
                amount => CASE WHEN l.size = 0 THEN 0 END,
                realized => l.realized,
                executed_at => coalesce(l.executed_at, v_recorded_at),
                recorded_at => v_recorded_at,
                source => 'import',
                trace_id => import_positions.trace_id
            )
            FROM unnest(legs) l
            -- A leg that was not locked is not written: it is for the next import.
            INNER JOIN unnest(v_keys) k
                ON (l.account, l.asset, l.mode, l.leg) = (k.account, k.asset, k.mode, k.leg)
            WHERE l.outcome = 'applied'
        )
    );
END
$$;

COMMENT ON FUNCTION pms.import_positions IS
$$Import the rows of an older positions table as opening entries

Size, average and what was earned are carried over as they are; a fill that is dated later counts on
top. Safe to repeat: what was imported is a duplicate. legs: the outcome of each row. changed: the
legs for pms.finish_entries.$$;
