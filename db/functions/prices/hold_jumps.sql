CREATE OR REPLACE FUNCTION pms.is_jump(price numeric, next_price numeric, jump_limit numeric)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN abs(next_price - price) > jump_limit * abs(price);

COMMENT ON FUNCTION pms.is_jump IS
$$Whether a price differs from the one before it by more than the limit

jump_limit: a share of the price before it, up or down. Null without that price or a limit.$$;

CREATE OR REPLACE FUNCTION pms.hold_jumps(
    prices pms.price_event[],
    assets text[],
    jump_limit numeric,
    moment timestamptz,
    OUT decided pms.price_event[],
    OUT held pms.price_event[]
)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_asset text;
    v_limit numeric;
    v_price numeric;
    v_priced_at timestamptz;
    v_place integer;
    v_waiting_place integer;
    v_mark numeric;
    v_waiting_mark numeric;
    tick pms.price_event;
    waiting pms.price_event;
BEGIN
    decided := prices || ARRAY(
        SELECT (
            0, NULL, NULL, NULL, m.held_trace_id, m.asset, m.held_price,
            least(m.held_at, hold_jumps.moment), m.held_source
        )::pms.price_event
        FROM pms.prices m
        WHERE m.asset = ANY(hold_jumps.assets)
            AND m.held_price IS NOT NULL
    );

    FOR v_asset IN SELECT DISTINCT a.asset FROM unnest(hold_jumps.assets) a (asset) LOOP
        -- One of the future is replaced by any: the clock was set back since.
        SELECT m.mark_price, m.priced_at
        INTO v_price, v_priced_at
        FROM pms.prices m
        WHERE m.asset = v_asset
            AND m.priced_at <= moment;

        -- Near zero every change is a large share.
        v_limit := CASE WHEN NOT pms.allows_negative_price(v_asset) THEN jump_limit END;
        v_waiting_place := NULL;
        waiting := NULL;

        FOR v_place IN
            SELECT p.ordinality
            FROM unnest(decided) WITH ORDINALITY p
            WHERE p.asset = v_asset
                AND p.outcome IS NULL
                -- An older price belongs to the history only. The stored one may have been converted
                -- since it was followed by the held one, and count from then on.
                AND (p.ordinal = 0 OR p.priced_at < v_priced_at IS NOT TRUE)
            -- By their own time: batches make no difference.
            ORDER BY p.priced_at, p.ordinal
        LOOP
            tick := decided[v_place];
            -- In the units of the stored price.
            v_mark := pms.converted_price(
                v_asset, tick.mark_price, tick.priced_at, 'infinity', 'infinity'
            );

            IF tick.ordinal = 0 AND v_limit IS NULL THEN
                decided[v_place].outcome := 'held';
            ELSIF (tick.mark_price, tick.priced_at) = (waiting.mark_price, waiting.priced_at) THEN
                decided[v_place].outcome := 'duplicate';
            ELSIF pms.is_jump(v_price, v_mark, v_limit) IS NOT TRUE THEN
                v_price := v_mark;
                v_waiting_place := NULL;
                waiting := NULL;
            ELSIF tick.priced_at > waiting.priced_at
                AND NOT pms.is_jump(v_waiting_mark, v_mark, v_limit)
            THEN
                waiting.outcome := NULL;
                waiting.reason := NULL;
                waiting.detail := NULL;
                decided[v_waiting_place] := waiting;
                v_price := v_mark;
                v_waiting_place := NULL;
                waiting := NULL;
            ELSE
                tick.outcome := 'held';
                tick.reason := 'price_jump';
                tick.detail := format(
                    'mark_price: differs from %s by more than %s of it',
                    pms.decimal_text(v_price), pms.decimal_text(v_limit)
                );
                decided[v_place] := tick;
                v_waiting_place := v_place;
                v_waiting_mark := v_mark;
                waiting := tick;
            END IF;
        END LOOP;

        IF v_waiting_place IS NOT NULL THEN
            held := held || waiting;
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.hold_jumps IS
$$Decide which prices are held: those that jump, until a second one confirms them

Of the assets, in the order of time. A price that jumps from the one before it is held. The next one
decides: if it does not jump from the stored price, the held one is dropped; if it is later and does
not jump from the held price, both count; else it is held in its place. Prices are compared in the
present units, whatever was split between them. Without jump_limit, and of an instrument that may
trade at zero or less, none is held.

moment: the present; prices must not lie ahead of it, and their assets are locked. decided: the
prices, and those that were held before, with ordinal 0: an outcome is null where the price counts.
held: those to hold, one of an asset at most.$$;

CREATE OR REPLACE FUNCTION pms.replace_held_prices(
    assets text[],
    held pms.price_event[],
    recorded_at timestamptz
)
RETURNS text[]
LANGUAGE sql
AS $$
WITH changed AS (
    UPDATE pms.prices m
    SET held_price = h.mark_price,
        held_at = h.priced_at,
        held_since = CASE
            WHEN h.asset IS NOT NULL THEN coalesce(m.held_since, replace_held_prices.recorded_at)
        END,
        held_source = h.source,
        held_trace_id = h.trace_id
    FROM (SELECT DISTINCT d.asset FROM unnest(replace_held_prices.assets) d (asset)) a
    LEFT JOIN unnest(replace_held_prices.held) h ON a.asset = h.asset
    WHERE m.asset = a.asset
        AND (m.held_price, m.held_at) IS DISTINCT FROM (h.mark_price, h.priced_at)
    RETURNING m.asset
)

SELECT array_agg(c.asset) FROM changed c
$$;

COMMENT ON FUNCTION pms.replace_held_prices IS
$$Hold these prices, and no others of the assets; return the assets whose held price has changed

held: one of an asset at most. The assets must be locked. Null when nothing has changed.$$;
