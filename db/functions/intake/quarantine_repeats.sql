CREATE OR REPLACE FUNCTION pms.review_totals(events pms.order_event[], voids pms.entry_void[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- A later total that is sound has the right cost; a bust or a correction is a person's answer.
    PERFORM pms.settle_reviews(array_agg((
        r.account, r.asset, r.mode, r.leg, r.code, r.source, NULL
    )::pms.review))
    FROM pms.reviews r
    CROSS JOIN LATERAL (
        SELECT x.order_id, pms.order_of_entry(x) AS begun_at
        FROM pms.find_entry(r.account, r.source) x
    ) t
    INNER JOIN (
        SELECT DISTINCT e.account, e.asset, e.mode, e.leg, e.order_id, e.created_at, NULL AS identity
        FROM unnest(review_totals.events) e
        WHERE e.outcome IS NULL
            AND e.is_cumulative
            AND (e.applied).flaw IS NULL
        UNION ALL
        SELECT v.account, v.asset, v.mode, v.leg, NULL, NULL, v.identity
        FROM unnest(review_totals.voids) v
    ) k USING (account, asset, mode, leg)
    WHERE r.code = 'inconsistent_total'
        AND (
            r.source = k.identity
            OR (t.order_id = k.order_id AND t.begun_at IS NOT DISTINCT FROM k.created_at)
        )
    HAVING count(*) > 0;

    PERFORM pms.raise_reviews(array_agg((
        e.account, e.asset, e.mode, e.leg, e.reason, e.identity, e.detail
    )::pms.review))
    FROM unnest(review_totals.events) e
    WHERE e.reason = 'inconsistent_total'
    HAVING count(*) > 0;
END
$$;

COMMENT ON FUNCTION pms.review_totals IS
$$Flag legs where a total of an order contradicts what was applied before, and settle such flags

Call it with the legs locked.$$;

CREATE OR REPLACE FUNCTION pms.quarantine_repeats(
    messages jsonb[],
    events pms.order_event[],
    source text,
    recorded_at timestamptz
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_reviews pms.review[];
BEGIN
    -- Its order has this execution from now on.
    INSERT INTO pms.execution_orders (account, order_id, entry_id)
    SELECT e.account, e.order_id, x.id
    FROM unnest(quarantine_repeats.events) e
    CROSS JOIN LATERAL pms.find_entry(e.account, e.detail) x
    WHERE e.reason = 'same_execution'
        AND e.order_id IS NOT NULL
        AND x.order_id IS NULL
    ON CONFLICT ON CONSTRAINT execution_orders_pkey DO NOTHING;

    WITH stored AS (
        INSERT INTO pms.suspected_repeats AS s (
            account, identity, asset, mode, leg, order_id, quantity, price, fee, fee_currency,
            executed_at, message, source, detail, seen_count, first_seen_at, last_seen_at, trace_id
        )
        SELECT DISTINCT ON (e.account, e.identity)
            e.account, e.identity, e.asset, e.mode, e.leg, e.order_id, e.quantity, e.price,
            coalesce(e.fee, 0), e.fee_currency, e.executed_at,
            quarantine_repeats.messages[e.ordinal], quarantine_repeats.source, e.detail,
            count(*) OVER (PARTITION BY e.account, e.identity), quarantine_repeats.recorded_at,
            quarantine_repeats.recorded_at, e.trace_id
        FROM unnest(quarantine_repeats.events) e
        WHERE e.outcome = 'quarantined'
        ORDER BY e.account, e.identity, e.ordinal
        ON CONFLICT ON CONSTRAINT suspected_repeats_identity_key DO UPDATE
        SET seen_count = s.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at
        RETURNING s.*
    )

    SELECT array_agg((
        t.account, t.asset, t.mode, t.leg, 'suspected_repeat', t.id, t.detail
    )::pms.review)
    INTO v_reviews
    FROM stored t;

    IF v_reviews IS NOT NULL THEN
        PERFORM pms.raise_reviews(v_reviews);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.quarantine_repeats IS
$$Keep the fills that may be repeats until somebody counts or drops them; flag their legs

Also keeps the order of an execution that came without it. events: classified. Call it with the legs
locked and the entries posted.$$;
