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
