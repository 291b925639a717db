CREATE OR REPLACE FUNCTION pms.explain_closes(
    entries pms.ledger_entries[],
    recorded_at timestamptz,
    source text
)
RETURNS text[]
LANGUAGE sql
AS $$
WITH candidate AS (
    SELECT
        n.identity, n.executed_at, n.quantity, n.trace_id, n.ordinality,
        c.account, c.asset, c.mode, c.leg, c.identity AS adjustment, c.effective_at,
        s AS standing,
        pms.quantity_closed_by(s) - (
            SELECT sum(m.quantity)
            FROM unnest(explain_closes.entries) WITH ORDINALITY m
            WHERE (m.account, m.asset, m.mode, m.leg) = (c.account, c.asset, c.mode, c.leg)
                AND m.kind = 'trade'
                AND (m.executed_at, m.ordinality) <= (n.executed_at, n.ordinality)
        ) AS unexplained
    FROM unnest(explain_closes.entries) WITH ORDINALITY n
    INNER JOIN pms.estimated_closes c
        ON (n.account, n.asset, n.mode, n.leg) = (c.account, c.asset, c.mode, c.leg)
    CROSS JOIN pms.settings t
    CROSS JOIN LATERAL pms.standing_entry(c.account, c.identity) s
    WHERE n.kind = 'trade'
        AND n.executed_at >= c.effective_at
        AND n.executed_at <= c.reported_at + t.clock_skew_limit
),

explaining AS (
    SELECT c.*
    FROM candidate c
    -- It closes, and no more than is missing.
    WHERE sign(c.quantity) * sign(c.unexplained + c.quantity) = 1
        AND sign(c.quantity) * sign(c.unexplained) >= 0
        -- Nothing else happened in between: that would be overruled.
        AND NOT EXISTS (
            SELECT 1
            FROM unnest(explain_closes.entries) m
            WHERE (m.account, m.asset, m.mode, m.leg) = (c.account, c.asset, c.mode, c.leg)
                AND m.kind <> 'funding'
                AND m.executed_at BETWEEN c.effective_at AND c.executed_at
                AND sign(m.quantity) <> sign(c.quantity)
        )
        AND NOT EXISTS (
            SELECT 1
            FROM pms.entries_of_leg(c.account, c.asset, c.mode, c.leg) e
            WHERE (e.executed_at, e.id) > ((c.standing).executed_at, (c.standing).id)
                AND e.executed_at <= c.executed_at
                AND e.kind <> 'funding'
                AND NOT EXISTS (
                    SELECT 1
                    FROM pms.voids v
                    WHERE v.entry_id = e.id
                )
        )
        -- Nor has the venue reported it as a change of what it had reported.
        AND NOT EXISTS (
            SELECT 1
            FROM pms.venue_positions v
            WHERE (v.account, v.asset, v.mode, v.leg) = (c.account, c.asset, c.mode, c.leg)
                AND v.reported_at >= c.executed_at
                AND v.size = (c.standing).quantity + c.quantity
        )
),

last AS (
    SELECT DISTINCT ON (x.account, x.adjustment) x.*
    FROM explaining x
    ORDER BY x.account, x.adjustment, x.executed_at DESC, x.ordinality DESC
),

moved AS (
    UPDATE pms.estimated_closes c
    SET effective_at = l.executed_at
    FROM last l
    WHERE (c.account, c.asset, c.mode, c.leg, c.identity)
        = (l.account, l.asset, l.mode, l.leg, l.adjustment)
),

recorded AS (
    INSERT INTO pms.amendments (
        account, identity, amends, cause, price, executed_at, amended_at, recorded_at, source,
        trace_id
    )
    SELECT
        l.account, 'correction:' || l.adjustment || ':' || l.identity, l.adjustment, 'correction',
        (
            SELECT a.price
            FROM pms.amendments a
            WHERE a.account = l.account
                AND a.amends = l.adjustment
                AND a.price IS NOT NULL
            ORDER BY a.amended_at DESC
            LIMIT 1
        ),
        l.executed_at, explain_closes.recorded_at, explain_closes.recorded_at,
        explain_closes.source, l.trace_id
    FROM last l
)

SELECT coalesce(array_agg(l.adjustment), '{}')
FROM last l
$$;

COMMENT ON FUNCTION pms.explain_closes IS
$$Move adjustments behind the fills that explain them although clocks date these later

A fill of up to clock_skew_limit after the report which closed its quantity. Each move is recorded as a
correction; returns the identities of the adjustments, for pms.apply_amendments. The legs must be
locked.$$;
