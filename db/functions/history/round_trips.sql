CREATE OR REPLACE FUNCTION pms.next_trade_at(
    account text,
    asset text,
    mode text,
    leg text,
    after timestamptz
)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN coalesce(
        (
            SELECT e.executed_at
            FROM pms.standing_entries e
            WHERE (e.account, e.asset, e.mode, e.leg) = (
                    next_trade_at.account, next_trade_at.asset, next_trade_at.mode,
                    next_trade_at.leg
                )
                AND e.executed_at > next_trade_at.after
                -- An adjustment to nothing opens nothing: what was open may have been closed before.
                AND (e.quantity <> 0 OR e.kind = 'opening')
            ORDER BY e.executed_at, e.id
            LIMIT 1
        ),
        'infinity'
    );
END
$$;

COMMENT ON FUNCTION pms.next_trade_at IS
$$Event time of the next entry of a leg that may begin a cycle; infinity when there is none

Funding does not, and corporate actions do nothing to a leg that is flat.$$;

CREATE OR REPLACE FUNCTION pms.round_trips_begin_at(key pms.leg_key, from_time timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_begins_at CONSTANT timestamptz := pms.ledger_begins_at();
    v_state pms.leg_state;
    v_since timestamptz;
BEGIN
    from_time := greatest(from_time, v_begins_at);
    IF from_time = '-infinity' THEN
        RETURN from_time;
    END IF;

    -- The oldest cycle in question may have been open already when the time begins.
    v_state := (pms.leg_state_at(
        key.account, key.asset, key.mode, key.leg, from_time - interval '1 microsecond'
    )).state;
    v_since := CASE WHEN v_state.size = 0 THEN from_time ELSE v_state.opened_at END;
    IF v_since <= v_begins_at THEN
        RETURN v_begins_at;
    END IF;
    -- Funding of before the first cycle belongs to it.
    v_state := (pms.leg_state_at(
        key.account, key.asset, key.mode, key.leg, v_since - interval '1 microsecond'
    )).state;
    RETURN CASE WHEN v_state.opened_at IS NULL THEN '-infinity' ELSE v_since END;
END
$$;

COMMENT ON FUNCTION pms.round_trips_begin_at IS
$$Since when the entries of a leg matter to the cycles that closed from a moment on

Of cycles that opened in an archived period there are no entries: they are not among them.$$;

CREATE OR REPLACE FUNCTION pms.round_trip_flows(
    legs pms.leg_key[],
    from_time timestamptz,
    to_time timestamptz
)
RETURNS SETOF pms.round_trip_flow
LANGUAGE sql
STABLE
AS $$
WITH moment AS (
    SELECT
        k.number,
        h.entry_id,
        h.executed_at,
        h.ordinal,
        h.state AS held,
        lag(h.state) OVER place AS before,
        lead(h.executed_at) OVER place AS next_at,
        -- What the history starts from was never open: its first cycle is the first of all.
        (first_value(h.state) OVER place).opened_at IS NULL AS is_whole
    FROM unnest(round_trip_flows.legs)
        WITH ORDINALITY k (account, asset, mode, leg, number)
    CROSS JOIN LATERAL pms.leg_history(
        k.account, k.asset, k.mode, k.leg,
        pms.round_trips_begin_at(
            (k.account, k.asset, k.mode, k.leg)::pms.leg_key, round_trip_flows.from_time
        ),
        -- Funding of the newest cycle may arrive when the leg is flat again. The next entry that
        -- may open one is no part of a cycle that closed before.
        pms.next_trade_at(k.account, k.asset, k.mode, k.leg, round_trip_flows.to_time)
    ) h
    WINDOW place AS (PARTITION BY k.number ORDER BY h.ordinal)
),

compared AS (
    SELECT
        m.number, m.entry_id, m.executed_at, m.next_at, m.ordinal, m.held, m.is_whole,
        coalesce(n.kind, 'funding') AS kind,
        coalesce(n.units, 1) AS units,
        coalesce(n.for_units, 1) AS for_units,
        n.closing_price,
        CASE
            WHEN n.closing_price IS NULL THEN 0
            ELSE pms.closing_quantity(b.size, n.quantity)
        END AS closed,
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
    -- Looked up one by one: a join might read the whole ledger for a few entries (ADR 0002).
    LEFT JOIN LATERAL (
        SELECT
            e.kind, e.quantity, e.closing_price,
            CASE WHEN e.kind IN ('split', 'contract') THEN e.price END AS units,
            CASE WHEN e.kind IN ('split', 'contract') THEN e.amount END AS for_units
        FROM pms.ledger_entries e
        WHERE e.id = m.entry_id
        OFFSET 0
    ) n ON TRUE
    WHERE m.entry_id IS NOT NULL
        OR m.is_whole
    -- Computed once, not by each column that reads it (ADR 0002).
    OFFSET 0
),

sorted AS (
    SELECT
        c.*,
        c.has_turned AND (c.held).size <> 0 AS is_opening,
        c.has_turned AND c.size_before <> 0 AS is_closing,
        c.kind IN ('opening', 'adjustment', 'split', 'contract') AND c.closed = 0
        OR sign(c.size_change) = sign(c.size_before) AS is_entry,
        -- What an adjustment closes has the value of its price; it may restate the cost of the rest.
        CASE
            WHEN c.closed = 0 THEN 0
            ELSE c.cost_change - c.realized - pms.contract_value(
                c.closed, c.closing_price, (c.held).multiplier, (c.held).is_inverse
            )
        END AS restated_cost
    FROM compared c
    -- A corporate action of a leg that holds nothing is in no cycle.
    WHERE NOT (
            pms.is_action(c.kind)
            AND c.size_before = 0
            AND (c.held).size = 0
        )
),

numbered AS (
    SELECT
        s.*,
        greatest(
            count(*) FILTER (WHERE s.is_opening) OVER (PARTITION BY s.number ORDER BY s.ordinal),
            s.is_whole::integer
        ) AS cycle
    FROM sorted s
)

SELECT
    n.number, p.cycle, n.entry_id, n.kind, n.executed_at, n.next_at, p.is_opening, p.is_closing,
    p.entry_quantity, p.entry_value, p.exit_quantity, p.exit_value,
    p.realized, p.fees, p.funding, p.held, n.units, n.for_units
FROM numbered n
CROSS JOIN LATERAL (
    -- The closing part of a flip.
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
    -- PnL realized by an opening was carried over.
    SELECT
        n.cycle, TRUE, FALSE, (n.held).size, (n.held).cost, 0, 0,
        CASE WHEN n.is_closing THEN 0 ELSE n.realized END, n.fees_open, n.funding, n.held
    WHERE n.is_opening
    UNION ALL
    -- The value of an exit is the cost it releases and the PnL it realizes.
    SELECT
        n.cycle, FALSE, n.is_closing,
        -- Other units are no other quantity.
        CASE WHEN n.is_entry AND n.units = n.for_units THEN n.size_change ELSE 0 END,
        CASE WHEN n.is_entry THEN n.cost_change ELSE n.restated_cost END,
        CASE WHEN n.is_entry THEN 0 ELSE n.size_change END,
        CASE WHEN n.is_entry THEN 0 ELSE n.cost_change - n.realized - n.restated_cost END,
        n.realized, n.fees_open + n.fees_close, n.funding, n.held
    WHERE NOT n.is_opening
) p
$$;

COMMENT ON FUNCTION pms.round_trip_flows IS $$What the entries of legs did in their cycles

Of the cycles that closed within a time, and of others near them: from the last checkpoint before
the oldest one. Cycles are numbered from 1 for each leg, the first that begins there; 0 is one that
began before. Funding that comes when the leg is flat belongs to the cycle that ended last, before
any to the first: from the beginning of time on, the sums over all cycles are those of the leg.$$;

CREATE OR REPLACE FUNCTION pms.round_trips(
    legs pms.leg_key[],
    from_time timestamptz,
    to_time timestamptz,
    has_extremes boolean DEFAULT TRUE
)
RETURNS TABLE (key pms.leg_key, trip pms.round_trip)
LANGUAGE plpgsql
STABLE
-- Compiling the plan, or planning for these legs, takes longer than most answers (ADR 0002).
SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    WITH leg AS (
        SELECT (u.account, u.asset, u.mode, u.leg)::pms.leg_key AS key, u.asset, u.leg, u.number
        FROM unnest(round_trips.legs) WITH ORDINALITY u (account, asset, mode, leg, number)
    ),

    flow AS (
        SELECT
            f.*,
            max(f.executed_at) FILTER (WHERE f.is_closing) OVER cycle AS closed_at,
            max((f.held).realized) FILTER (WHERE f.is_opening) OVER cycle AS realized_before,
            pms.product(f.units) OVER later AS units_later,
            pms.product(f.for_units) OVER later AS for_units_later
        FROM pms.round_trip_flows(
            round_trips.legs, round_trips.from_time, round_trips.to_time
        ) f
        WINDOW
            cycle AS (PARTITION BY f.leg_number, f.cycle),
            later AS (
                PARTITION BY f.leg_number, f.cycle
                ORDER BY f.executed_at DESC NULLS LAST, f.entry_id DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
    ),

    summed AS (
        SELECT
            f.leg_number,
            min((f.held).opened_at) FILTER (WHERE f.is_opening) AS opened_at,
            f.closed_at,
            max(f.entry_id) FILTER (WHERE f.is_opening) AS opening_entry_id,
            max(f.entry_id) FILTER (WHERE f.is_closing) AS closing_entry_id,
            max(sign((f.held).size)) FILTER (WHERE f.is_opening) AS direction,
            count(f.entry_id) AS entries,
            sum(q.entered) AS entry_quantity,
            sum(f.entry_value) AS entry_value,
            sum(q.left_by) AS exit_quantity,
            sum(f.exit_value) AS exit_value,
            max(q.held) AS peak_size,
            sum(abs(q.entered) + abs(q.left_by))
                FILTER (WHERE f.kind NOT IN ('opening', 'adjustment')) AS quantity_traded,
            -- What changes the units is no trade, whatever it does to the cost.
            sum(abs(f.entry_value) + abs(f.exit_value)) FILTER (
                WHERE f.kind NOT IN ('opening', 'adjustment', 'split', 'contract')
            ) AS turnover,
            sum(f.realized) AS realized,
            sum(f.fees) AS fees,
            sum(f.funding) AS funding,
            min(least(w.at_low, w.at_high)) AS worst,
            max(greatest(w.at_low, w.at_high)) AS best,
            (
                array_agg((f.held).multiplier ORDER BY f.executed_at DESC NULLS LAST, f.entry_id DESC)
                FILTER (WHERE (f.held).multiplier IS NOT NULL)
            )[1] AS multiplier,
            bool_or((f.held).is_inverse) AS is_inverse
        FROM flow f
        INNER JOIN leg k ON f.leg_number = k.number
        -- Without a start it reads no prices. A condition of the join would come after the reading.
        CROSS JOIN LATERAL pms.price_range(
            k.asset,
            CASE
                WHEN round_trips.has_extremes AND (f.held).size <> 0 AND f.executed_at < f.next_at
                    THEN f.executed_at
            END,
            f.next_at
        ) r
        CROSS JOIN LATERAL (
            SELECT
                (f.held).realized - f.realized_before - (f.held).cost + pms.contract_value(
                    (f.held).size, r.low_price, (f.held).multiplier, (f.held).is_inverse
                ),
                (f.held).realized - f.realized_before - (f.held).cost + pms.contract_value(
                    (f.held).size, r.high_price, (f.held).multiplier, (f.held).is_inverse
                )
        ) w (at_low, at_high)
        -- All quantities of a cycle in its last units.
        CROSS JOIN LATERAL (
            SELECT
                pms.div_round(f.entry_quantity * f.units_later, f.for_units_later, 18),
                pms.div_round(f.exit_quantity * f.units_later, f.for_units_later, 18),
                pms.div_round(abs((f.held).size) * f.units_later, f.for_units_later, 18)
        ) q (entered, left_by, held)
        WHERE f.cycle > 0
            AND f.closed_at BETWEEN round_trips.from_time AND round_trips.to_time
        GROUP BY f.leg_number, f.cycle, f.closed_at
    )

    SELECT
        k.key,
        (
            k.leg,
            CASE s.direction WHEN 1 THEN 'long' ELSE 'short' END,
            s.opened_at,
            s.closed_at,
            floor(extract(EPOCH FROM s.closed_at - s.opened_at) / 60)::bigint,
            s.opening_entry_id,
            s.closing_entry_id,
            s.entries,
            trim_scale(pms.average_price(
                s.entry_quantity, s.entry_value, s.multiplier, s.is_inverse
            )),
            trim_scale(pms.average_price(
                s.exit_quantity, s.exit_value, s.multiplier, s.is_inverse
            )),
            trim_scale(s.peak_size),
            trim_scale(coalesce(s.quantity_traded, 0)),
            trim_scale(s.realized),
            trim_scale(s.fees),
            trim_scale(s.funding),
            trim_scale(s.realized - s.fees + s.funding),
            -- The cycle began at 0.
            CASE WHEN r.price_minutes > 0 THEN trim_scale(least(s.worst, 0)) END,
            CASE WHEN r.price_minutes > 0 THEN trim_scale(greatest(s.best, 0)) END,
            CASE WHEN round_trips.has_extremes THEN r.price_minutes END,
            i.settlement_currency,
            trim_scale(coalesce(s.turnover, 0))
        )::pms.round_trip
    FROM summed s
    INNER JOIN leg k ON s.leg_number = k.number
    INNER JOIN pms.instruments i ON k.asset = i.asset
    CROSS JOIN LATERAL pms.price_range(
        k.asset, CASE WHEN round_trips.has_extremes THEN s.opened_at END, s.closed_at
    ) r
    ORDER BY s.closed_at DESC, s.closing_entry_id DESC;
END
$$;

COMMENT ON FUNCTION pms.round_trips IS $$The cycles of legs that closed within a time, newest first

Bounds inclusive. Folds each leg from the checkpoint before the oldest of them opened. has_extremes:
with mae, mfe and price_minutes, which take most of the time; null otherwise.$$;

-- SECURITY DEFINER: a view calls its functions with the rights of its readers.
CREATE OR REPLACE FUNCTION pms.cycles_of_leg(account text, asset text, mode text, leg text)
RETURNS SETOF pms.round_trip
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
ROWS 30
AS $$
BEGIN
    RETURN QUERY
    SELECT (c.trip).*
    FROM pms.round_trips(
        ARRAY[(account, asset, mode, leg)::pms.leg_key],
        '-infinity', 'infinity', has_extremes => FALSE
    ) c;
END
$$;

COMMENT ON FUNCTION pms.cycles_of_leg IS 'All closed cycles of a leg, without mae and mfe.';

-- The view calls it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.cycles_of_leg TO pms_reader, pms_trader, pms_operator, pms_analyst;
