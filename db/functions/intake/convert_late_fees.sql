CREATE OR REPLACE FUNCTION pms.rated_fees(key pms.leg_key)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.entries_of_leg(
    (rated_fees.key).account, (rated_fees.key).asset, (rated_fees.key).mode, (rated_fees.key).leg
) e
INNER JOIN pms.instruments i ON e.asset = i.asset
WHERE e.kind = 'trade'
    AND e.fee_native IS NOT NULL
    AND e.fee_rate IS NULL
    AND (e.executed_at < pms.ledger_closed_until()) IS NOT TRUE
    AND (
        e.fee_currency IN ('USDT', i.base_currency)
        OR EXISTS (
            SELECT 1
            FROM pms.rate_asset(e.fee_currency) r
            INNER JOIN pms.prices p ON r.asset = p.asset
        )
    )
    AND NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.entry_id = e.id
    )
LIMIT 1000
$$;

COMMENT ON FUNCTION pms.rated_fees IS
'Up to a thousand entries of a leg without a rate for their fee, whose currency has one by now.';

CREATE OR REPLACE FUNCTION pms.convert_fees_of_leg(key pms.leg_key)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at timestamptz;
    v_charged pms.ledger_entries[] := ARRAY[]::pms.ledger_entries[];
    v_entry pms.ledger_entries;
    v_identities text[];
    v_corrections pms.ledger_entries[];
    v_voids pms.entry_void[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pms.rated_fees(key)) THEN
        RETURN 0;
    END IF;

    -- Before the leg, as pms.apply_order_events locks: a bust must not miss what is added here.
    LOCK TABLE pms.amendments IN ROW EXCLUSIVE MODE;
    v_recorded_at := pms.lock_stored_legs(pms.with_book_legs(ARRAY[key], TRUE));

    FOR v_entry IN SELECT e.* FROM pms.rated_fees(key) e
    LOOP
        v_entry.fee := v_entry.fee_native;
        v_charged := v_charged || v_entry;
    END LOOP;

    WITH due AS (
        SELECT c.account, c.identity, c.amends, c.executed_at, c.trace_id
        FROM unnest(pms.convert_fees(v_charged)) c
        WHERE c.fee_rate IS NOT NULL
    ),

    recorded AS (
        -- The same again. It counts instead of what it repeats, and before whatever is decided later.
        INSERT INTO pms.amendments (
            account, identity, amends, cause, side, quantity, price, fee, fee_currency, executed_at,
            amended_at, recorded_at, source, trace_id
        )
        SELECT
            d.account,
            CASE WHEN d.amends IS NULL THEN 'correction:' || d.identity ELSE d.identity END || ':fee',
            coalesce(d.amends, d.identity), 'correction', a.side, a.quantity, a.price, a.fee,
            a.fee_currency, a.executed_at, coalesce(a.amended_at, d.executed_at), v_recorded_at,
            'validation', d.trace_id
        FROM due d
        LEFT JOIN pms.amendments a ON d.account = a.account AND d.identity = a.identity
    )

    SELECT array_agg(coalesce(d.amends, d.identity))
    INTO v_identities
    FROM due d;

    IF v_identities IS NULL THEN
        RETURN 0;
    END IF;

    SELECT a.corrections, a.voids
    INTO v_corrections, v_voids
    FROM pms.apply_amendments('{}', v_identities, v_recorded_at, 'validation') a;

    PERFORM pms.finish_entries(
        pms.post_entries(pms.convert_fees(v_corrections), v_voids), 'validation'
    );
    RETURN cardinality(v_identities);
END
$$;

COMMENT ON FUNCTION pms.convert_fees_of_leg IS
$$Convert fees of a leg whose currency has a rate by now; return how many

Each entry is corrected by one that differs in its fee only.$$;

CREATE OR REPLACE FUNCTION pms.convert_late_fees(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_after pms.leg_key := jsonb_populate_record(
        NULL::pms.leg_key, nullif(progress -> 'after', 'null')
    );
    v_total bigint := coalesce((progress ->> 'converted')::bigint, 0);
    v_key pms.leg_key;
    v_converted bigint;
    v_legs integer := 0;
BEGIN
    FOR v_key IN
        SELECT u.account, u.asset, u.mode, u.leg
        FROM pms.unconverted_fees u
        WHERE u.fees > 0
            -- A book follows its account.
            AND NOT pms.is_book(u.account)
            AND (u.account, u.asset, u.mode, u.leg) > (
                coalesce(v_after.account, ''), coalesce(v_after.asset, ''),
                coalesce(v_after.mode, ''), coalesce(v_after.leg, '')
            )
        ORDER BY u.account, u.asset, u.mode, u.leg
        LIMIT 100
    LOOP
        v_converted := pms.convert_fees_of_leg(v_key);
        v_total := v_total + v_converted;
        v_legs := v_legs + 1;
        -- The rest of a leg, if there is more, in a step of its own.
        EXIT WHEN v_converted > 0;
        v_after := v_key;
    END LOOP;

    IF v_converted > 0 OR v_legs = 100 THEN
        RETURN (
            jsonb_build_object('after', to_jsonb(v_after), 'converted', v_total), NULL
        )::pms.job_step;
    END IF;

    RETURN (
        NULL,
        format(
            '%s fees converted, %s without a rate',
            v_total,
            (
                SELECT coalesce(sum(u.fees), 0)
                FROM pms.unconverted_fees u
                WHERE NOT pms.is_book(u.account)
            )
        )
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.convert_late_fees IS
$$Convert fees whose currency had no rate when they came

A job: a step converts up to a thousand fees of a leg, or finds none in a hundred legs. Realized PnL
changes as by any correction: restated. Safe to repeat.$$;
