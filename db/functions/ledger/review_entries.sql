CREATE OR REPLACE FUNCTION pms.off_tick(
    instrument pms.instruments,
    quantity numeric,
    price numeric
)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN price % (instrument).tick_size <> 0
        THEN format(
                'price %s is no multiple of %s', pms.decimal_text(price),
                pms.decimal_text((instrument).tick_size)
            )
    WHEN quantity % (instrument).quantity_step <> 0
        THEN format(
                'quantity %s is no multiple of %s', pms.decimal_text(abs(quantity)),
                pms.decimal_text((instrument).quantity_step)
            )
END;

COMMENT ON FUNCTION pms.off_tick IS
'How a fill misses the grid of its instrument, or null; an instrument without one has no grid.';

CREATE OR REPLACE FUNCTION pms.review_entries(entries pms.ledger_entries[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            n.account, n.asset, n.mode, n.leg, f.code, f.source, f.detail
        )::pms.review
        FROM unnest(review_entries.entries) n
        INNER JOIN pms.instruments i ON n.asset = i.asset
        CROSS JOIN LATERAL (
            SELECT
                'assumed_instrument' AS code,
                n.asset AS source,
                format(
                    'counted as %s in %s, which nobody has confirmed', i.kind,
                    i.settlement_currency
                ) AS detail
            WHERE i.is_assumed
                AND i.base_currency IS NULL
            UNION ALL
            SELECT
                'off_tick', n.identity,
                pms.off_tick(
                    i, n.quantity + CASE WHEN n.fee_rate = 0 THEN n.fee_native ELSE 0 END,
                    -- What a total adds has a price that follows from averages.
                    CASE WHEN n.identity NOT LIKE 'order:%' THEN n.price END
                )
            WHERE n.kind = 'trade'
        ) f
        WHERE f.detail IS NOT NULL
    ));
END
$$;

COMMENT ON FUNCTION pms.review_entries IS
$$Flag the legs of entries that do not fit what is known of their instrument

assumed_instrument: nobody has defined it, and its name does not end in the quote that is assumed.
off_tick: a fill is off the grid of prices or quantities; it counts all the same. The legs must be
locked, the entries entered.$$;

CREATE OR REPLACE FUNCTION pms.review_expired(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT integer := 1000;
    v_keys pms.leg_key[] := ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.instruments i
        INNER JOIN pms.positions p ON i.asset = p.asset
        WHERE i.expires_at <= now()
            AND p.size <> 0
            AND NOT EXISTS (
                SELECT 1
                FROM pms.reviews r
                WHERE (r.account, r.asset, r.mode, r.leg) = (p.account, p.asset, p.mode, p.leg)
                    AND r.code = 'expired'
            )
        UNION ALL
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM pms.reviews r
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE r.code = 'expired'
            AND (p.size = 0 OR i.expires_at > now() IS NOT FALSE)
        LIMIT c_most
    );
    v_flagged pms.review[];
    v_total bigint := coalesce((progress ->> 'legs')::bigint, 0) + cardinality(v_keys);
BEGIN
    PERFORM pms.lock_stored_legs(v_keys);

    -- Behind the locks.
    v_flagged := ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, 'expired', p.asset,
            'expired at ' || pms.time_text(i.expires_at) || ' and still open'
        )::pms.review
        FROM unnest(v_keys) k
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE p.size <> 0
            AND i.expires_at <= now()
    );
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (k.account, k.asset, k.mode, k.leg, 'expired', k.asset, NULL)::pms.review
        FROM unnest(v_keys) k
        WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(v_flagged) f
            WHERE (f.account, f.asset, f.mode, f.leg) = (k.account, k.asset, k.mode, k.leg)
        )
    ));
    PERFORM pms.raise_reviews(v_flagged);

    RETURN (
        CASE WHEN cardinality(v_keys) = c_most THEN jsonb_build_object('legs', v_total) END,
        format('%s legs of expired instruments flagged or settled', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.review_expired IS
$$Flag the open legs of expired instruments, and settle those that are flat: a job

In steps of 1000 legs.$$;
