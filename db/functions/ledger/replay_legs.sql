CREATE OR REPLACE FUNCTION pms.restatement_event(stated pms.restatements)
RETURNS pms.outbox_event
LANGUAGE sql
STABLE
AS $$
SELECT (
    'position', pms.position_path(stated.account, stated.asset, stated.mode),
    'position_restated', stated.trace_id,
    jsonb_build_object(
        'restatement_id', stated.id,
        'position_id', pms.position_id(stated.account, stated.asset, stated.mode),
        'asset', stated.asset,
        'mode', stated.mode,
        'account', stated.account,
        'leg', stated.leg,
        'cause', stated.cause,
        'earliest_at', pms.time_text(stated.earliest_at),
        'realized_pnl_before', pms.decimal_text(stated.realized_pnl_before),
        'realized_pnl_after', pms.decimal_text(stated.realized_pnl_after),
        'realized_pnl_change',
        pms.decimal_text(stated.realized_pnl_after - stated.realized_pnl_before),
        'occurred_at', pms.time_text(stated.recorded_at)
    )
)::pms.outbox_event
$$;

COMMENT ON FUNCTION pms.restatement_event IS $$The event of a restatement

The position itself is published as after every change; this event says how its past changed.$$;

CREATE OR REPLACE FUNCTION pms.replay_legs(changes pms.leg_change[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    change pms.leg_change;
    v_event pms.outbox_event[];
    v_events pms.outbox_event[];
    v_exposure pms.exposure_change[];
    v_exposures pms.exposure_change[];
BEGIN
    FOREACH change IN ARRAY replay_legs.changes
    LOOP
        -- Read several times (ADR 0002).
        WITH history AS MATERIALIZED (
            SELECT h.*
            FROM pms.leg_history(
                change.account, change.asset, change.mode, change.leg, change.since
            ) h
        ),

        -- True no longer, they remain as knowledge up to now.
        superseded AS (
            UPDATE pms.checkpoints c
            SET known_to = change.recorded_at
            WHERE (c.account, c.asset, c.mode, c.leg)
                = (change.account, change.asset, change.mode, change.leg)
                -- Not what archived entries brought forward.
                AND c.executed_at >= greatest(change.since, pms.ledger_begins_at())
                AND c.known_to = 'infinity'
        ),

        kept AS (
            INSERT INTO pms.checkpoints (
                account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
                recorded_at, state
            )
            SELECT
                change.account, change.asset, change.mode, change.leg, h.executed_at, h.entry_id,
                change.recorded_at, h.ordinal, h.newest_version, h.newest_recorded_at, h.state
            FROM history h
            WHERE h.entry_id IS NOT NULL
                AND h.ordinal % pms.checkpoint_spacing() = 0
        ),

        -- The newest of the entries known before, or of those that stand for one of them: entries
        -- in order do not change the past.
        comparable AS (
            SELECT (h.state).realized - (h.state).fees_close + (h.state).funding AS realized_pnl
            FROM history h
            WHERE CASE
                WHEN h.entry_id IS NULL OR h.recorded_at < change.recorded_at THEN TRUE
                -- Looked up one by one: an EXISTS would be answered by hashing the whole ledger.
                ELSE (
                    SELECT TRUE
                    FROM pms.ledger_entries e
                    CROSS JOIN LATERAL pms.find_entry(change.account, e.amends) o
                    WHERE e.id = h.entry_id
                        AND o.recorded_at < change.recorded_at
                    LIMIT 1
                )
            END
            ORDER BY h.ordinal DESC
            LIMIT 1
        ),

        restated AS (
            INSERT INTO pms.restatements (
                account, asset, mode, leg, cause, earliest_at, realized_pnl_before,
                realized_pnl_after, recorded_at, trace_id
            )
            SELECT
                p.account, p.asset, p.mode, p.leg, change.cause, change.since,
                p.realized - p.fees_close + p.funding, n.realized_pnl, change.recorded_at,
                change.trace_id
            FROM pms.positions p
            CROSS JOIN comparable n
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
                -- An entry in order does not change the past, even when it comes with its void.
                AND (p.last_executed_at >= change.since OR change.cause = 'restore')
            RETURNING *
        ),

        last AS (
            SELECT
                h.*,
                coalesce(m.mark_price, p.current_price) AS mark_price,
                i.settlement_currency,
                p.exposure AS former_exposure,
                pms.leg_exposure(
                    (h.state).size, coalesce(m.mark_price, p.current_price),
                    (h.state).multiplier, (h.state).is_inverse
                ) AS exposure
            FROM history h
            CROSS JOIN pms.positions p
            INNER JOIN pms.instruments i ON p.asset = i.asset
            LEFT JOIN pms.prices m ON p.asset = m.asset
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
            ORDER BY h.ordinal DESC
            LIMIT 1
        ),

        stored AS (
            UPDATE pms.positions p
            SET size = (l.state).size,
                cost = (l.state).cost,
                realized = (l.state).realized,
                fees_open = (l.state).fees_open,
                fees_close = (l.state).fees_close,
                funding = (l.state).funding,
                opened_at = (l.state).opened_at,
                closed_at = (l.state).closed_at,
                last_executed_at = l.executed_at,
                entries = l.ordinal,
                checkpointed = (
                    SELECT max(h.ordinal)
                    FROM history h
                    WHERE h.entry_id IS NULL
                        OR h.ordinal % pms.checkpoint_spacing() = 0
                ),
                current_price = l.mark_price,
                exposure = l.exposure,
                version = p.version + change.steps,
                updated_at = change.recorded_at,
                entered_at = change.recorded_at
            FROM last l
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
        )

        SELECT
            ARRAY(SELECT pms.restatement_event(r::pms.restatements) FROM restated r),
            ARRAY(
                SELECT (
                    change.account, l.settlement_currency, l.exposure - l.former_exposure
                )::pms.exposure_change
                FROM last l
            )
        INTO v_event, v_exposure;

        -- An element is added in place; two arrays would be copied for every leg.
        IF v_event <> '{}' AND NOT pms.is_book(change.account) THEN
            v_events := v_events || v_event[1];
        END IF;
        IF v_exposure <> '{}' THEN
            v_exposures := v_exposures || v_exposure[1];
        END IF;
    END LOOP;

    PERFORM pms.add_exposures(v_exposures);
    PERFORM pms.publish_events(v_events);
END
$$;

COMMENT ON FUNCTION pms.replay_legs IS
$$Fold legs again whose past has changed, and keep what that did

The legs must be locked, the entries and voids stored. From the last checkpoint before the change:
its cost depends on how far back the change is, not on how long the history is. Later
checkpoints are replaced; the difference in realized PnL becomes a restatement, and is published.$$;

CREATE OR REPLACE FUNCTION pms.restate_pnl(changes pms.leg_change[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    -- The PnL of a quarter hour that still runs was not final.
    v_past CONSTANT pms.leg_change[] := ARRAY(
        SELECT c
        FROM unnest(restate_pnl.changes) c
        WHERE pms.quarter_hour(c.since) + interval '15 minutes' <= c.recorded_at
    );
BEGIN
    IF v_past = '{}' THEN
        RETURN;
    END IF;

    WITH change AS (
        SELECT
            k.account, k.asset, k.mode, k.leg, k.since, k.recorded_at,
            k.recorded_at - interval '1 microsecond' AS known_before,
            r.id AS restatement_id
        FROM unnest(v_past) k
        INNER JOIN pms.restatements r
            ON (k.account, k.asset, k.mode, k.leg, k.recorded_at)
                = (r.account, r.asset, r.mode, r.leg, r.recorded_at)
    ),

    moment AS (
        SELECT c.*, -1 AS factor, h.ordinal, h.executed_at, h.state, TRUE AS is_known
        FROM change c
        CROSS JOIN LATERAL pms.leg_history(
            c.account, c.asset, c.mode, c.leg, c.since, known_at => c.known_before
        ) h
        UNION ALL
        SELECT
            c.*, 1, h.ordinal, h.executed_at, h.state,
            -- A correction stands for an entry that was known.
            CASE
                WHEN h.recorded_at < c.recorded_at THEN TRUE
                ELSE (SELECT e.amends IS NOT NULL FROM pms.entries e WHERE e.id = h.entry_id)
            END
        FROM change c
        CROSS JOIN LATERAL pms.leg_history(c.account, c.asset, c.mode, c.leg, c.since) h
    ),

    step AS (
        SELECT
            m.*,
            lag(m.state) OVER (PARTITION BY m.restatement_id, m.factor ORDER BY m.ordinal) AS before,
            max(m.executed_at) FILTER (WHERE m.is_known)
            OVER (PARTITION BY m.restatement_id) AS known_until
        FROM moment m
    ),

    restated AS (
        SELECT
            s.restatement_id, s.account, s.asset, s.mode, s.leg, s.recorded_at,
            pms.quarter_hour(s.executed_at) AS quarter_hour,
            sum(s.factor * ((s.state).size - (s.before).size)) AS size,
            sum(s.factor * ((s.state).cost - (s.before).cost)) AS cost,
            sum(s.factor * ((s.state).realized - (s.before).realized)) AS realized,
            sum(s.factor * ((s.state).fees_open - (s.before).fees_open)) AS fees_open,
            sum(s.factor * ((s.state).fees_close - (s.before).fees_close)) AS fees_close,
            sum(s.factor * ((s.state).funding - (s.before).funding)) AS funding
        FROM step s
        -- A history starts from a state before that. After the newest known entry, the others are
        -- in order.
        WHERE s.executed_at BETWEEN s.since AND s.known_until
        GROUP BY
            s.restatement_id, s.account, s.asset, s.mode, s.leg, s.recorded_at,
            pms.quarter_hour(s.executed_at)
    )

    INSERT INTO pms.restated_pnl (
        leg_id, quarter_hour, restatement_id, recorded_at, size, cost, realized, fees_open,
        fees_close, funding
    )
    SELECT
        l.leg_id, r.quarter_hour, r.restatement_id, r.recorded_at, r.size, r.cost, r.realized,
        r.fees_open, r.fees_close, r.funding
    FROM restated r
    INNER JOIN pms.legs l
        ON (r.account, r.asset, r.mode, r.leg) = (l.account, l.asset, l.mode, l.leg)
    WHERE (r.size, r.cost, r.realized, r.fees_open, r.fees_close, r.funding) <> (0, 0, 0, 0, 0, 0)
        AND r.quarter_hour + interval '15 minutes' <= r.recorded_at;
END
$$;

COMMENT ON FUNCTION pms.restate_pnl IS
$$Keep the effect of restatements on the quarter hours that were over, by event time

Call it after pms.replay_legs, with the same changes. Folds each leg from the checkpoint before the
change, as known before and as known now.$$;
