-- Deploy position_manager:functions/pms/hypothetical_legs to pg
-- requires: functions/pms/next_leg
-- requires: functions/pms/position_id
-- requires: migrations/instruments
-- requires: migrations/prices
-- requires: migrations/valuation
-- requires: views/pms/usdt_rates

BEGIN;

CREATE OR REPLACE FUNCTION pms.hypothetical_legs(legs pms.priced_leg[], fill pms.order_event)
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
    FROM unnest(hypothetical_legs.legs) l
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
        FROM unnest(hypothetical_legs.legs) l
        WHERE (l.account, l.asset, l.mode, l.leg)
            <> (fill.account, fill.asset, fill.mode, fill.leg)
    ) || v_leg;
END
$$;

COMMENT ON FUNCTION pms.hypothetical_legs IS $$The legs as they would be after one more fill, now

fill: as pms.read_hypothetical gives it. By the fold itself; nothing is written.$$;

COMMIT;
