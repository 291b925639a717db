CREATE OR REPLACE FUNCTION pms.merge_price_bars(prices pms.price_event[], recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.price_bars AS h (
        asset, minute, open_price, open_at, open_recorded_at, high_price, low_price,
        close_price, close_at, close_recorded_at
    )
    SELECT
        m.asset,
        m.minute,
        m.marks[1],
        m.times[1],
        merge_price_bars.recorded_at,
        m.high,
        m.low,
        m.marks[m.prices],
        m.times[m.prices],
        merge_price_bars.recorded_at
    FROM (
        SELECT
            e.asset,
            e.minute,
            array_agg(e.mark_price ORDER BY e.priced_at, e.ordinal) AS marks,
            array_agg(e.priced_at ORDER BY e.priced_at, e.ordinal) AS times,
            max(e.mark_price) AS high,
            min(e.mark_price) AS low,
            count(*) AS prices
        FROM (
            SELECT
                p.asset, p.mark_price, p.priced_at, p.ordinal,
                date_bin('1 minute', p.priced_at, '2000-01-01 00:00:00+00') AS minute
            FROM unnest(merge_price_bars.prices) p
            WHERE p.outcome IS NULL
        ) e
        GROUP BY e.asset, e.minute
    ) m
    -- Two batches that meet write their rows in the same order.
    ORDER BY m.asset, m.minute
    ON CONFLICT ON CONSTRAINT price_bars_pkey DO UPDATE
    SET open_price = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_price
            ELSE h.open_price
        END,
        open_at = least(h.open_at, excluded.open_at),
        open_recorded_at = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_recorded_at
            ELSE h.open_recorded_at
        END,
        high_price = greatest(h.high_price, excluded.high_price),
        low_price = least(h.low_price, excluded.low_price),
        close_price = CASE
            WHEN excluded.close_at >= h.close_at THEN excluded.close_price
            ELSE h.close_price
        END,
        close_at = greatest(h.close_at, excluded.close_at),
        close_recorded_at = CASE
            WHEN excluded.close_at > h.close_at
                OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
                THEN excluded.close_recorded_at
            ELSE h.close_recorded_at
        END
    -- A bar that would stay the same keeps the times at which it became known.
    WHERE excluded.open_at < h.open_at
        OR excluded.close_at > h.close_at
        OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
        OR excluded.high_price > h.high_price
        OR excluded.low_price < h.low_price;
END
$$;

COMMENT ON FUNCTION pms.merge_price_bars IS $$Merge prices into the history, minute by minute

Takes those without an outcome. The caller holds the lock of their assets in pms.prices.$$;

CREATE OR REPLACE FUNCTION pms.store_prices(
    prices pms.price_event[],
    accepts_jumps boolean DEFAULT FALSE,
    OUT outcomes pms.price_event[],
    OUT changed_holds text[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at timestamptz;
    v_now timestamptz;
    v_limit numeric;
    v_nearby numeric;
    v_known pms.price_event[];
    v_doubtful text[];
    v_held pms.price_event[];
    v_applied integer[];
BEGIN
    -- A row that is not there yet cannot be locked in the order of the key: two batches that each
    -- insert what the other has locked would wait for each other.
    IF EXISTS (
        SELECT 1
        FROM unnest(store_prices.prices) e
        WHERE e.outcome IS NULL
            AND NOT EXISTS (SELECT 1 FROM pms.prices m WHERE m.asset = e.asset)
    ) THEN
        PERFORM pg_advisory_xact_lock(hashtext('pms.prices'));
    END IF;

    -- Locked in the order of the key: the stored price decides whether a new one is late. After the
    -- locks: a price that is stored later is dated later.
    v_recorded_at := (
        SELECT pms.later_than(max(l.recorded_at))
        FROM (
            SELECT m.recorded_at
            FROM pms.prices m
            WHERE m.asset IN (
                    SELECT e.asset FROM unnest(store_prices.prices) e WHERE e.outcome IS NULL
                )
            ORDER BY m.asset
            FOR UPDATE
        ) l
    );
    v_now := clock_timestamp();
    v_limit := (
        SELECT nullif(s.price_jump_limit, 0) FROM pms.settings s WHERE NOT accepts_jumps
    );
    -- Two prices this near to a third one do not jump from each other.
    v_nearby := v_limit / (2 + v_limit);

    SELECT
        array_agg((
            e.ordinal,
            CASE
                WHEN e.outcome IS NOT NULL THEN e.outcome
                WHEN (e.mark_price, e.priced_at) = (m.mark_price, m.priced_at) THEN 'duplicate'
            END,
            e.reason, e.detail, e.trace_id, e.asset, e.mark_price,
            -- A clock that is ahead would hide the prices of the others.
            least(e.priced_at, v_now),
            e.source
        )::pms.price_event),
        -- The others of an asset are near the stored price, and count without a closer look.
        array_agg(e.asset) FILTER (
            WHERE e.outcome IS NULL
            AND (
                m.held_price IS NOT NULL
                OR v_nearby IS NOT NULL
                AND pms.is_jump(m.mark_price, e.mark_price, v_nearby) IS NOT FALSE
            )
        )
    INTO v_known, v_doubtful
    FROM unnest(store_prices.prices) e
    LEFT JOIN pms.prices m ON e.asset = m.asset;

    IF v_doubtful IS NOT NULL THEN
        SELECT j.decided, j.held
        INTO v_known, v_held
        FROM pms.hold_jumps(v_known, v_doubtful, v_limit, v_now) j;
    END IF;

    WITH newest AS (
        SELECT DISTINCT ON (e.asset) e.*
        FROM unnest(v_known) e
        WHERE e.outcome IS NULL
        ORDER BY e.asset, e.priced_at DESC, e.ordinal DESC
    ),

    stored AS (
        INSERT INTO pms.prices AS m (
            asset, mark_price, priced_at, recorded_at, source, trace_id, is_marked
        )
        SELECT n.asset, n.mark_price, n.priced_at, v_recorded_at, n.source, n.trace_id, FALSE
        FROM newest n
        ORDER BY n.asset
        ON CONFLICT ON CONSTRAINT prices_pkey DO UPDATE
        SET mark_price = excluded.mark_price,
            priced_at = excluded.priced_at,
            recorded_at = excluded.recorded_at,
            source = excluded.source,
            trace_id = excluded.trace_id,
            is_marked = FALSE,
            seen_before = NULL
        WHERE m.priced_at <= excluded.priced_at
            -- Stored before the clock was set back.
            OR m.priced_at > v_now
        RETURNING m.asset
    )

    -- IS TRUE keeps IN a hashed sub-plan: two arrays joined are compared all with all (ADR 0002).
    SELECT array_agg(n.ordinal)
    INTO v_applied
    FROM newest n
    WHERE (n.asset IN (SELECT s.asset FROM stored s)) IS TRUE;

    IF v_doubtful IS NOT NULL THEN
        changed_holds := pms.replace_held_prices(v_doubtful, v_held, v_recorded_at);
    END IF;

    -- Also those that are not the newest.
    PERFORM pms.merge_price_bars(v_known, v_recorded_at);

    -- A first price may be of before the units of its asset changed.
    IF EXISTS (SELECT 1 FROM pms.price_conversions) THEN
        PERFORM pms.convert_newest_price(m.asset, v_recorded_at)
        FROM pms.prices m
        WHERE m.asset IN (SELECT e.asset FROM unnest(v_known) e WHERE e.outcome IS NULL)
            AND EXISTS (
                SELECT 1
                FROM pms.price_conversions c
                WHERE c.asset = m.asset
                    AND c.effective_at > m.priced_at
                    AND c.known_to = 'infinity'
            );
    END IF;

    outcomes := ARRAY(
        SELECT (
            e.ordinal,
            coalesce(e.outcome, CASE WHEN e.is_applied THEN 'applied' ELSE 'stale' END),
            CASE WHEN e.outcome IS NULL AND NOT e.is_applied THEN 'superseded' ELSE e.reason END,
            e.detail,
            e.trace_id,
            e.asset,
            e.mark_price,
            e.priced_at,
            e.source
        )::pms.price_event
        FROM (
            SELECT k.*, k.ordinal IN (SELECT a.ordinal FROM unnest(v_applied) a (ordinal)) AS is_applied
            FROM unnest(v_known) k
            WHERE k.ordinal > 0
            -- Looked up once, not by each column that reads it (ADR 0002).
            OFFSET 0
        ) e
    );
END
$$;

COMMENT ON FUNCTION pms.store_prices IS
$$Store the newest price of each asset, and all in the price bars; return their outcomes

Each price has an outcome afterwards: applied, stale, duplicate, held, or the one it came with. One
price of an asset at most is applied. Of two prices of the same time the one that arrived last
counts. A price that is ahead of the clock counts from its arrival, and any price replaces a stored
one that is ahead. A price that jumps is held, see pms.hold_jumps; with accepts_jumps it counts at
once, and the held one is dropped. changed_holds: the assets whose held price came, changed or went;
null: none. The open positions are marked afterwards: see pms.mark_positions, and
pms.lock_legs_to_mark for those that are flagged or marked at once.$$;
