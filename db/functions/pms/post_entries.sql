-- Deploy position_manager:functions/pms/post_entries to pg
-- requires: functions/pms/fold
-- requires: functions/pms/announce_positions
-- requires: migrations/entries
-- requires: migrations/positions
-- requires: migrations/prices
-- requires: migrations/restatements

BEGIN;

CREATE OR REPLACE FUNCTION pms.post_entries(entries pms.entries[], update_source text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_changed pms.leg_key[];
    v_trace_ids text[];
BEGIN
    WITH posted AS (
        INSERT INTO pms.entries (
            account, asset, mode, leg, kind, identity, order_id, quantity, price,
            fee, fee_currency, amount, executed_at, recorded_at, source, trace_id
        )
        SELECT
            e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id, e.quantity, e.price,
            e.fee, e.fee_currency, e.amount, e.executed_at, e.recorded_at, e.source, e.trace_id
        FROM unnest(post_entries.entries) e
    ),

    touched AS (
        SELECT
            n.asset, n.account, n.mode, n.leg,
            count(*) AS entries,
            min(n.executed_at) AS earliest_at,
            max(n.executed_at) AS latest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.trace_id) AS trace_id
        FROM unnest(post_entries.entries) n
        GROUP BY n.asset, n.account, n.mode, n.leg
    ),

    -- Where the fold of a leg starts: from its row, or, when an entry is late and has its place
    -- in the past, from nothing, with all it has.
    leg AS MATERIALIZED (
        SELECT
            t.*,
            p.ctid AS place,
            p.realized AS realized_before,
            coalesce(t.earliest_at < p.last_executed_at, FALSE) AS is_late,
            CASE
                WHEN t.earliest_at < p.last_executed_at
                    THEN (
                        i.multiplier, i.kind = 'inverse', 0, 0, 0, 0, 0, 0, NULL, NULL
                    )::pms.leg_state
                ELSE (
                    i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
                    p.fees_close, p.funding, p.opened_at, p.closed_at
                )::pms.leg_state
            END AS seed
        FROM touched t
        INNER JOIN pms.positions p
            ON t.account = p.account AND t.asset = p.asset AND t.mode = p.mode AND t.leg = p.leg
        INNER JOIN pms.instruments i ON t.asset = i.asset
    ),

    -- The seed rows lead and carry what is known of their leg, so that nothing is joined again.
    -- Sorted here once, not in the aggregate for every leg anew; an asset tells most legs apart.
    folded AS MATERIALIZED (
        SELECT
            e.asset, e.account, e.mode, e.leg,
            max(e.place) AS place,
            max(e.entries) AS entries,
            max(e.earliest_at) AS earliest_at,
            max(e.latest_at) AS latest_at,
            max(e.recorded_at) AS recorded_at,
            max(e.trace_id) AS trace_id,
            max(e.realized_before) AS realized_before,
            bool_or(e.is_late) AS is_late,
            pms.fold(
                e.seed, e.kind, e.quantity, e.price, e.fee, e.amount, e.executed_at
                ORDER BY e.executed_at NULLS FIRST, e.id, e.ordinal
            ) AS state
        FROM (
            SELECT
                l.*,
                NULL AS kind, NULL::numeric AS quantity, NULL::numeric AS price,
                NULL::numeric AS fee, NULL::numeric AS amount, NULL::timestamptz AS executed_at,
                NULL::bigint AS id, NULL::bigint AS ordinal
            FROM leg l
            UNION ALL
            -- In the order of the array they get their ids, all of them after those of the past.
            SELECT
                n.asset, n.account, n.mode, n.leg, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                NULL,
                n.kind, n.quantity, n.price, n.fee, n.amount, n.executed_at, NULL, n.ordinal
            FROM unnest(post_entries.entries) WITH ORDINALITY n (
                account, id, asset, mode, leg, kind, identity, order_id, quantity, price,
                fee, fee_currency, amount, executed_at, recorded_at, source, trace_id, ordinal
            )
            UNION ALL
            SELECT
                x.asset, x.account, x.mode, x.leg, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                NULL,
                x.kind, x.quantity, x.price, x.fee, x.amount, x.executed_at, x.id, NULL
            FROM leg l
            INNER JOIN pms.entries x
                ON l.account = x.account AND l.asset = x.asset AND l.mode = x.mode AND l.leg = x.leg
            WHERE l.is_late
        ) e
        GROUP BY e.asset, e.account, e.mode, e.leg
    ),

    restated AS (
        INSERT INTO pms.restatements (
            account, asset, mode, leg, earliest_at, realized_before, realized_after, recorded_at
        )
        SELECT
            f.account, f.asset, f.mode, f.leg, f.earliest_at, f.realized_before,
            (f.state).realized, f.recorded_at
        FROM folded f
        WHERE f.is_late
    ),

    stored AS (
        UPDATE pms.positions p
        SET size = (f.state).size,
            cost = (f.state).cost,
            realized = (f.state).realized,
            fees_open = (f.state).fees_open,
            fees_close = (f.state).fees_close,
            funding = (f.state).funding,
            opened_at = (f.state).opened_at,
            closed_at = (f.state).closed_at,
            last_executed_at = greatest(p.last_executed_at, f.latest_at),
            current_price = coalesce(m.mark_price, p.current_price),
            version = p.version + f.entries,
            updated_at = f.recorded_at
        FROM folded f
        LEFT JOIN pms.prices m ON f.asset = m.asset
        -- The row is locked: it stays in its place.
        WHERE p.ctid = f.place
        RETURNING p.account, p.asset, p.mode, p.leg, f.trace_id
    )

    SELECT
        array_agg((s.account, s.asset, s.mode, s.leg)::pms.leg_key),
        array_agg(s.trace_id)
    INTO v_changed, v_trace_ids
    FROM stored s;

    PERFORM pms.announce_positions(v_changed, v_trace_ids, post_entries.update_source);
END
$$;

COMMENT ON FUNCTION pms.post_entries IS
$$Enter decided entries into the ledger and carry them through

The one way into the ledger, for every kind of entry. The legs must be locked. Inserts, folds
each leg once, stores the rows, keeps a restatement where an entry was late, and leaves one event
per changed position in the outbox. entries: id is given here, the rest as the table has it.$$;

COMMIT;
