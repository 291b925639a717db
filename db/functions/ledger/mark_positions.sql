CREATE OR REPLACE FUNCTION pms.legs_to_mark(prices pms.price_event[], changed_holds text[])
RETURNS pms.leg_key[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_assets text[] := changed_holds;
BEGIN
    IF (SELECT s.price_event_interval = interval '0' FROM pms.settings s) THEN
        v_assets := v_assets || ARRAY(
            SELECT e.asset FROM unnest(legs_to_mark.prices) e WHERE e.outcome = 'applied'
        );
    END IF;

    IF coalesce(v_assets, '{}') = '{}' THEN
        RETURN ARRAY[]::pms.leg_key[];
    END IF;

    RETURN ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM unnest(v_assets) a (asset)
        INNER JOIN pms.positions p ON a.asset = p.asset
        WHERE p.size <> 0
            OR p.needs_review
    );
END
$$;

COMMENT ON FUNCTION pms.legs_to_mark IS
$$The legs to lock and mark in the transaction that stores their prices

prices, changed_holds: as pms.store_prices returns them. The open legs of those whose held price has
changed, also flagged ones that are flat; of the others none, unless every price has an event: they
are left to pms.mark_positions.$$;

CREATE OR REPLACE FUNCTION pms.review_held_prices(assets text[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, 'held_price', m.asset,
            format(
                '%s is held, %s is used',
                pms.decimal_text(
                    pms.converted_price(m.asset, m.held_price, m.held_at, 'infinity', 'infinity')
                ),
                pms.decimal_text(m.mark_price)
            )
        )::pms.review
        FROM pms.prices m
        INNER JOIN pms.positions p ON m.asset = p.asset
        WHERE m.asset = ANY(review_held_prices.assets)
            AND m.held_price IS NOT NULL
            AND p.size <> 0
    ));
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, v.detail)::pms.review
        FROM pms.prices m
        INNER JOIN pms.reviews v ON m.asset = v.asset
        WHERE m.asset = ANY(review_held_prices.assets)
            AND m.held_price IS NULL
            AND v.code = 'held_price'
    ));
END
$$;

COMMENT ON FUNCTION pms.review_held_prices IS
$$Flag the open legs of assets whose price is held, and settle the others

assets: those whose held price has changed, see pms.store_prices. Their legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.lock_legs_to_mark(
    prices pms.price_event[],
    changed_holds text[]
)
RETURNS pms.leg_key[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys pms.leg_key[] := pms.legs_to_mark(prices, changed_holds);
BEGIN
    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
    END IF;

    IF changed_holds IS NOT NULL THEN
        PERFORM pms.review_held_prices(changed_holds);
    END IF;

    RETURN v_keys;
END
$$;

COMMENT ON FUNCTION pms.lock_legs_to_mark IS
$$Lock the legs of pms.legs_to_mark and flag those whose price is held; return them$$;

CREATE OR REPLACE FUNCTION pms.mark_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_marked pms.marked_leg[];
BEGIN
    WITH valued AS MATERIALIZED (
        SELECT
            p.ctid AS place,
            m.mark_price,
            m.trace_id,
            CASE WHEN m.source IN ('api', 'price_api') THEN 'api' ELSE 'websocket' END AS cause,
            i.settlement_currency,
            p.exposure AS former_exposure,
            pms.leg_exposure(p.size, m.mark_price, i.multiplier, i.kind = 'inverse') AS exposure
        FROM unnest(mark_legs.keys) k
        INNER JOIN pms.positions p
            ON (k.account, k.asset, k.mode, k.leg) = (p.account, p.asset, p.mode, p.leg)
        INNER JOIN pms.prices m ON p.asset = m.asset
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE p.size <> 0
    ),

    changed AS (
        UPDATE pms.positions p
        SET current_price = v.mark_price,
            exposure = v.exposure,
            version = p.version + 1,
            updated_at = pms.later_than(p.updated_at)
        FROM valued v
        -- The row is locked: it stays in its place.
        WHERE p.ctid = v.place
        RETURNING (
            (p.account, p.asset, p.mode, p.leg, v.trace_id, p.needs_review)::pms.changed_leg,
            v.cause,
            (p.account, v.settlement_currency, v.exposure - v.former_exposure)::pms.exposure_change
        )::pms.marked_leg AS marked
    )

    SELECT array_agg(c.marked) INTO v_marked FROM changed c;

    PERFORM pms.add_exposures(ARRAY(SELECT m.exposure FROM unnest(v_marked) m));
    PERFORM pms.publish_position_events(array_agg(m.leg), m.cause)
    FROM unnest(v_marked) m
    GROUP BY m.cause;
END
$$;

COMMENT ON FUNCTION pms.mark_legs IS $$Mark legs with the newest price of their asset

The legs must be locked; those that are flat or have no price are left out. One version and one event
for each.$$;

CREATE OR REPLACE FUNCTION pms.mark_positions(
    at_most integer DEFAULT 1000,
    until timestamptz DEFAULT clock_timestamp()
)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan costs more than a step takes (ADR 0002).
SET jit = off
-- So does planning for the legs of each step (ADR 0002).
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_seen pms.prices[];
    v_oldest_running xid8;
    v_keys pms.leg_key[];
BEGIN
    SELECT array_agg(m), pg_snapshot_xmin(pg_current_snapshot())
    INTO v_seen, v_oldest_running
    FROM pms.prices m
    WHERE NOT m.is_marked;

    IF v_seen IS NULL THEN
        RETURN 0;
    END IF;

    v_keys := ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM unnest(v_seen) m
        INNER JOIN pms.positions p ON m.asset = p.asset
        WHERE p.size <> 0
            AND p.current_price IS DISTINCT FROM m.mark_price
            -- Or of the future: the clock was set back.
            AND (p.updated_at < mark_positions.until OR p.updated_at > clock_timestamp())
        -- Legs of one account together: its exposure is computed once a step.
        ORDER BY p.account, p.asset
        LIMIT at_most
    );

    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
        -- Behind the locks: another marker, or a fill, may have been first.
        PERFORM pms.mark_legs(ARRAY(
            SELECT k
            FROM unnest(v_keys) k
            INNER JOIN pms.positions p
                ON (k.account, k.asset, k.mode, k.leg) = (p.account, p.asset, p.mode, p.leg)
            INNER JOIN pms.prices m ON p.asset = m.asset
            WHERE p.current_price IS DISTINCT FROM m.mark_price
        ));
    END IF;

    IF cardinality(v_keys) < at_most THEN
        -- A transaction under way may have read the former price, and hold a leg that is not visible
        -- yet. Every such transaction is older than this one. The price counts as marked in a later
        -- step that began when all older ones had ended.
        WITH unchanged AS (
            SELECT
                m.asset,
                coalesce(m.seen_before, pg_current_xact_id()) AS seen_before,
                coalesce(m.seen_before <= v_oldest_running, FALSE) AS is_marked
            FROM pms.prices m
            INNER JOIN unnest(v_seen) s ON m.asset = s.asset
            WHERE m.recorded_at = s.recorded_at
            -- Others lock a price first and legs afterwards: one that is locked is changing.
            FOR UPDATE OF m SKIP LOCKED
        )

        UPDATE pms.prices m
        SET seen_before = u.seen_before,
            is_marked = u.is_marked
        FROM unchanged u
        WHERE m.asset = u.asset;
    END IF;

    RETURN cardinality(v_keys);
END
$$;

COMMENT ON FUNCTION pms.mark_positions IS
$$Mark open positions with prices they lack; return the number of legs

A step of a pass, until it returns 0. until: the time at which the pass began. A leg that has changed
since is left to the next pass, so that a pass marks each leg once, however often its price changes
meanwhile. A leg that has its price already, from a fill, is left out. Begin a pass at most once per
price_event_interval. Reads have the newest price at once: this updates the stored rows and publishes
them.$$;

GRANT EXECUTE ON FUNCTION pms.mark_positions TO pms_worker;
