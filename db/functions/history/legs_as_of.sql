CREATE OR REPLACE FUNCTION pms.legs_as_of(
    at timestamptz,
    known_at timestamptz,
    account text DEFAULT NULL
)
RETURNS SETOF pms.priced_leg
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- What happened after that was not known then, and is not looked at.
    v_until CONSTANT timestamptz := least(
        legs_as_of.at, legs_as_of.known_at + pms.largest_clock_skew()
    );
BEGIN
    RETURN QUERY
    -- Read several times, and estimated badly where they are used (ADR 0002).
    WITH held AS MATERIALIZED (
        SELECT
            p.account, p.position_id, p.asset, p.mode, p.leg, p.leg_id, p.created_at,
            p.last_snapshot_at,
            i.settlement_currency,
            h.state,
            coalesce(h.version, g.version) AS version,
            coalesce(h.recorded_at, g.recorded_at) AS recorded_at
        FROM pms.positions p
        CROSS JOIN LATERAL pms.instrument_at(p.asset, legs_as_of.known_at) i
        CROSS JOIN LATERAL pms.leg_state_at(
            p.account, p.asset, p.mode, p.leg, v_until, legs_as_of.known_at
        ) h
        -- All that it had may be gone again: it is shown then, with nothing in it.
        LEFT JOIN LATERAL (
            SELECT max(e.version) AS version, max(e.recorded_at) AS recorded_at
            FROM pms.entries e
            WHERE h.ordinal = 0
                AND e.leg_id = p.leg_id
                AND e.executed_at <= v_until
                AND e.recorded_at <= legs_as_of.known_at
        ) g ON TRUE
        WHERE CASE
                WHEN legs_as_of.account IS NULL THEN NOT pms.is_book(p.account)
                ELSE p.account = legs_as_of.account
            END
            AND (h.ordinal > 0 OR g.version IS NOT NULL)
    ),

    price AS MATERIALIZED (
        SELECT a.asset, m.mark_price, m.priced_at
        FROM (SELECT DISTINCT l.asset FROM held l) a
        CROSS JOIN LATERAL pms.price_at(a.asset, legs_as_of.at, legs_as_of.known_at) m
    ),

    rate AS MATERIALIZED (
        SELECT
            c.currency,
            pms.rate_at(c.currency, legs_as_of.at, legs_as_of.known_at) AS rate
        FROM (SELECT DISTINCT l.settlement_currency AS currency FROM held l) c
    ),

    unconverted AS MATERIALIZED (
        SELECT e.leg_id, count(*) AS fees
        FROM pms.entries e
        WHERE e.fee_native IS NOT NULL
            AND e.fee_rate IS NULL
            AND e.leg_id = ANY(ARRAY(SELECT l.leg_id FROM held l))
            AND e.executed_at <= v_until
            AND e.recorded_at <= legs_as_of.known_at
            AND NOT EXISTS (
                SELECT 1
                FROM pms.voids v
                WHERE v.entry_id = e.id
                    AND v.recorded_at <= legs_as_of.known_at
            )
        GROUP BY e.leg_id
    )

    SELECT
        l.account, l.position_id, l.asset, l.mode, l.leg,
        (l.state).multiplier, (l.state).is_inverse, l.settlement_currency,
        (l.state).size, (l.state).cost, (l.state).realized,
        (l.state).fees_open, (l.state).fees_close, (l.state).funding,
        (l.state).opened_at, (l.state).closed_at,
        m.mark_price, m.priced_at, r.rate,
        coalesce(u.fees, 0),
        l.version,
        FALSE,
        l.created_at,
        l.recorded_at,
        -- Looked up in all its months only when the newest one is not the answer.
        CASE
            WHEN l.last_snapshot_at <= legs_as_of.known_at THEN l.last_snapshot_at
            WHEN l.last_snapshot_at IS NOT NULL THEN (
                SELECT s.created_at
                FROM pms.snapshots s
                WHERE s.account = l.account
                    AND s.asset = l.asset
                    AND s.mode = l.mode
                    AND s.created_at <= legs_as_of.known_at
                ORDER BY s.created_at DESC
                LIMIT 1
            )
        END
    FROM held l
    LEFT JOIN price m ON l.asset = m.asset
    LEFT JOIN rate r ON l.settlement_currency = r.currency
    LEFT JOIN unconverted u ON l.leg_id = u.leg_id;
END
$$;

COMMENT ON FUNCTION pms.legs_as_of IS $$The legs as they were at a moment, as known at another

at: of the events; known_at: of our knowledge; account: null is all accounts, without
their books. A leg is listed once
one of its entries is. Its version and updated_at are those of its newest entry, because versions of
prices are not kept; needs_review is always false.$$;
