CREATE OR REPLACE FUNCTION pms.parse_simulated_fill(given jsonb)
RETURNS pms.order_event
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- An argument that is empty is absent.
    v_given jsonb := (
        SELECT coalesce(jsonb_object_agg(g.key, g.value), '{}')
        FROM jsonb_each_text(parse_simulated_fill.given) g
        WHERE g.value <> ''
    );
    v_mark numeric;
    v_fill pms.order_event;
BEGIN
    IF NOT v_given ? 'price' THEN
        SELECT m.mark_price
        INTO v_mark
        FROM pms.prices m
        WHERE m.asset = upper(v_given ->> 'asset');
    END IF;

    SELECT e.*
    INTO STRICT v_fill
    FROM pms.parse_order_events(
        ARRAY[
            -- The way that a real one comes: what is refused there is refused here.
            jsonb_strip_nulls(
                jsonb_build_object(
                    'event_type', 'order_executed',
                    'execution_id', 'hypothetical',
                    'account', v_given -> 'account',
                    'asset', v_given -> 'asset',
                    'mode', v_given -> 'mode',
                    'position_side', v_given -> 'position_side',
                    'side', v_given -> 'side',
                    'execution_quantity', v_given -> 'quantity',
                    'execution_price', coalesce(v_given -> 'price', to_jsonb(v_mark::text)),
                    'execution_fees', coalesce(v_given -> 'fee', '"0"')
                )
            )
        ],
        FALSE
    ) e;

    IF lower(v_given ->> 'position_side') NOT IN ('long', 'short')
        AND coalesce(v_fill.reason, '') NOT IN ('invalid_account', 'invalid_asset', 'invalid_mode')
    THEN
        v_fill.outcome := 'rejected';
        v_fill.detail := 'position_side: must be long or short';
    ELSIF v_fill.reason = 'invalid_price' AND NOT v_given ? 'price' THEN
        v_fill.detail := 'price: must be given, there is no mark price to take for it';
    END IF;

    v_fill.detail := regexp_replace(
        replace(v_fill.detail, 'execution_fees:', 'fee:'), '^execution_', ''
    );
    RETURN v_fill;
END
$$;

COMMENT ON FUNCTION pms.parse_simulated_fill IS $$A fill that nobody has made, read as if it had come

given: account, asset, mode, position_side, side, quantity, price (absent: the mark price), fee (in
the settlement currency). What is refused has outcome rejected, and a detail: field: what it must
be. Never raises.$$;

CREATE OR REPLACE FUNCTION pms.legs_after_fill(legs pms.priced_leg[], fill pms.order_event)
RETURNS pms.priced_leg[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_leg pms.priced_leg;
    v_state pms.leg_state;
BEGIN
    SELECT l.*
    INTO v_leg
    FROM unnest(legs_after_fill.legs) l
    WHERE l.account = fill.account
        AND l.asset = fill.asset
        AND l.mode = fill.mode
        AND l.leg = fill.leg;

    IF NOT FOUND THEN
        -- An asset that nobody has described is what the table takes it for.
        SELECT
            fill.account, pms.position_id(fill.account, fill.asset, fill.mode), fill.asset,
            fill.mode, fill.leg, coalesce(i.multiplier, 1),
            coalesce(i.kind, 'linear') = 'inverse', r.currency,
            0, 0, 0, 0, 0, 0, NULL::timestamptz, NULL::timestamptz, m.mark_price, m.priced_at,
            u.rate, 0, 0, FALSE, now(), now(), NULL::timestamptz
        INTO v_leg
        FROM (SELECT fill.asset AS asset) k
        LEFT JOIN pms.instruments i ON k.asset = i.asset
        LEFT JOIN pms.prices m ON k.asset = m.asset
        CROSS JOIN LATERAL (SELECT coalesce(i.settlement_currency, 'USDT') AS currency) r
        LEFT JOIN pms.usdt_rates u ON r.currency = u.currency;
    END IF;

    v_state := pms.next_leg(
        (
            v_leg.multiplier, v_leg.is_inverse, v_leg.size, v_leg.cost, v_leg.realized,
            v_leg.fees_open, v_leg.fees_close, v_leg.funding, v_leg.opened_at, v_leg.closed_at
        )::pms.leg_state,
        NULL, fill.kind, fill.quantity, fill.price, fill.fee, fill.amount, NULL, now()
    );

    v_leg.size := v_state.size;
    v_leg.cost := v_state.cost;
    v_leg.realized := v_state.realized;
    v_leg.fees_open := v_state.fees_open;
    v_leg.fees_close := v_state.fees_close;
    v_leg.funding := v_state.funding;
    v_leg.opened_at := v_state.opened_at;
    v_leg.closed_at := v_state.closed_at;
    v_leg.version := v_leg.version + 1;

    RETURN ARRAY(
        SELECT l
        FROM unnest(legs_after_fill.legs) l
        WHERE (l.account, l.asset, l.mode, l.leg)
            <> (fill.account, fill.asset, fill.mode, fill.leg)
    ) || v_leg;
END
$$;

COMMENT ON FUNCTION pms.legs_after_fill IS $$The legs as they would be after one more fill, now

fill: as pms.parse_simulated_fill gives it. By the fold itself; nothing is written.$$;

CREATE OR REPLACE FUNCTION pms.pre_trade_side_json(
    legs pms.priced_leg[],
    fill pms.order_event,
    account text
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_assumed pms.priced_leg[];
    v_judged jsonb;
BEGIN
    -- No price is made up for what is shown; but an order for what has none must not pass the
    -- limits for that reason: there it is worth what it is to be had for.
    v_assumed := ARRAY(
        SELECT CASE
            WHEN l.asset = fill.asset AND l.mark_price IS NULL
                THEN (
                    l.account, l.position_id, l.asset, l.mode, l.leg, l.multiplier, l.is_inverse,
                    l.settlement_currency, l.size, l.cost, l.realized, l.fees_open, l.fees_close,
                    l.funding, l.opened_at, l.closed_at, fill.price, now(), l.usdt_rate,
                    l.unconverted_fees, l.version, l.needs_review, l.created_at, l.updated_at,
                    l.last_snapshot_at
                )::pms.priced_leg
            ELSE l
        END
        FROM unnest(pre_trade_side_json.legs) l
    );

    v_judged := pms.portfolio_json(v_assumed, NULL, NULL);

    RETURN jsonb_build_object(
        'position', (
            SELECT
                jsonb_build_object('exposure_usdt', pms.decimal_text(p.exposure_usdt))
                || pms.position_json(p)
                - '{id,version,time_held_minutes,price_updated_at,needs_review,last_updated,
                    last_snapshot_at,closed_at,created_at,unconverted_fees}'::text[]
            FROM pms.positions_from_legs(
                ARRAY(SELECT l FROM unnest(pre_trade_side_json.legs) l WHERE l.account = fill.account),
                now()
            ) p
            WHERE p.asset = fill.asset
                AND p.mode = fill.mode
        ),
        'portfolio', CASE
            WHEN pre_trade_side_json.account IS NULL AND v_assumed = pre_trade_side_json.legs THEN v_judged
            ELSE pms.portfolio_json(
                ARRAY(
                    SELECT l
                    FROM unnest(pre_trade_side_json.legs) l
                    WHERE l.account = pre_trade_side_json.account
                        OR pre_trade_side_json.account IS NULL
                ),
                pre_trade_side_json.account,
                NULL
            )
        END - '{by_asset,limits,limit_exceeded,calculated_at}'::text[],
        'limits', v_judged -> 'limits'
    );
END
$$;

COMMENT ON FUNCTION pms.pre_trade_side_json IS $$What a check tells of one side of a fill: before or after it

legs: of all accounts. position: that of the fill, null when there is none; portfolio: of account,
null is all accounts; limits: all of them, judged on all accounts.$$;
