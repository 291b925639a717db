CREATE OR REPLACE FUNCTION pms.round_trip_flows(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz,
    until timestamptz
)
RETURNS SETOF pms.round_trip_flow
LANGUAGE sql
STABLE
AS $$
WITH moment AS (
    SELECT
        h.entry_id,
        h.executed_at,
        h.ordinal,
        h.state AS held,
        lag(h.state) OVER place AS before,
        lead(h.executed_at) OVER place AS next_at,
        -- What the history starts from was never open: its first cycle is the first of all.
        (first_value(h.state) OVER place).opened_at IS NULL AS is_whole
    FROM pms.leg_history(
        round_trip_flows.account, round_trip_flows.asset, round_trip_flows.mode, round_trip_flows.leg,
        round_trip_flows.since, round_trip_flows.until
    ) h
    WINDOW place AS (ORDER BY h.ordinal)
),

compared AS (
    SELECT
        m.entry_id, m.executed_at, m.next_at, m.ordinal, m.held, m.is_whole,
        -- Asked for one by one: joined, the whole ledger might be read for a few.
        coalesce(
            (
                SELECT e.kind
                FROM pms.entries e
                WHERE e.account = round_trip_flows.account
                    AND e.id = m.entry_id
            ),
            'funding'
        ) AS kind,
        b.size AS size_before,
        b.cost AS cost_before,
        (m.held).size - b.size AS size_change,
        (m.held).cost - b.cost AS cost_change,
        (m.held).realized - b.realized AS realized,
        (m.held).fees_open - b.fees_open AS fees_open,
        (m.held).fees_close - b.fees_close AS fees_close,
        (m.held).funding - b.funding AS funding,
        sign((m.held).size) <> sign(b.size) AS has_turned
    FROM moment m
    CROSS JOIN LATERAL (
        SELECT
            coalesce((m.before).size, 0),
            coalesce((m.before).cost, 0),
            coalesce((m.before).realized, 0),
            coalesce((m.before).fees_open, 0),
            coalesce((m.before).fees_close, 0),
            coalesce((m.before).funding, 0)
    ) b (size, cost, realized, fees_open, fees_close, funding)
    WHERE m.entry_id IS NOT NULL
        OR m.is_whole
    -- Keeps it from being computed again by every column that reads it.
    OFFSET 0
),

sorted AS (
    SELECT
        c.*,
        c.has_turned AND (c.held).size <> 0 AS is_opening,
        c.has_turned AND c.size_before <> 0 AS is_closing,
        c.kind IN ('opening', 'adjustment') OR sign(c.size_change) = sign(c.size_before) AS is_entry
    FROM compared c
),

numbered AS (
    SELECT
        s.*,
        greatest(
            count(*) FILTER (WHERE s.is_opening) OVER (ORDER BY s.ordinal),
            s.is_whole::integer
        ) AS cycle
    FROM sorted s
)

SELECT
    p.cycle, n.entry_id, n.kind, n.executed_at, n.next_at, p.is_opening, p.is_closing,
    p.entry_quantity, p.entry_value, p.exit_quantity, p.exit_value,
    p.realized, p.fees, p.funding, p.held
FROM numbered n
CROSS JOIN LATERAL (
    -- The part of a flip that closes.
    SELECT
        n.cycle - 1 AS cycle,
        FALSE AS is_opening,
        TRUE AS is_closing,
        CASE WHEN n.is_entry THEN -n.size_before ELSE 0 END AS entry_quantity,
        CASE WHEN n.is_entry THEN -n.cost_before ELSE 0 END AS entry_value,
        CASE WHEN n.is_entry THEN 0 ELSE -n.size_before END AS exit_quantity,
        CASE WHEN n.is_entry THEN 0 ELSE -n.realized - n.cost_before END AS exit_value,
        n.realized AS realized,
        n.fees_close AS fees,
        0 AS funding,
        NULL::pms.leg_state AS held
    WHERE n.is_opening
        AND n.is_closing
    UNION ALL
    -- What realises while it opens was carried over.
    SELECT
        n.cycle, TRUE, FALSE, (n.held).size, (n.held).cost, 0, 0,
        CASE WHEN n.is_closing THEN 0 ELSE n.realized END, n.fees_open, n.funding, n.held
    WHERE n.is_opening
    UNION ALL
    -- What releases cost and realises brings what it is worth.
    SELECT
        n.cycle, FALSE, n.is_closing,
        CASE WHEN n.is_entry THEN n.size_change ELSE 0 END,
        CASE WHEN n.is_entry THEN n.cost_change ELSE 0 END,
        CASE WHEN n.is_entry THEN 0 ELSE n.size_change END,
        CASE WHEN n.is_entry THEN 0 ELSE n.cost_change - n.realized END,
        n.realized, n.fees_open + n.fees_close, n.funding, n.held
    WHERE NOT n.is_opening
) p
$$;

COMMENT ON FUNCTION pms.round_trip_flows IS $$What the entries of a leg did in its cycles

From the last checkpoint before since, through the entries of event time up to until. Cycles are
numbered from 1, the first that begins there; 0 is one that began before. Funding that comes when the
leg is flat belongs to the cycle that ended last, before any to the first: from the beginning of time
on, the sums over all cycles are those of the leg.$$;
