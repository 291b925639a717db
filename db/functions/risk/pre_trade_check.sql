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
    WHERE (l.account, l.asset, l.mode, l.leg)
        = (fill.account, fill.asset, fill.mode, fill.leg);

    IF NOT FOUND THEN
        -- An unknown instrument has the defaults of the table.
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
        NULL, fill.kind, fill.quantity, fill.price, fill.fee, fill.amount, NULL, now(), NULL
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

CREATE OR REPLACE FUNCTION pms.pre_trade_totals(legs pms.priced_leg[], fill pms.order_event)
RETURNS pms.pre_trade_side
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    side pms.pre_trade_side;
    v_legs pms.priced_leg[];
BEGIN
    side.totals := ARRAY(SELECT t FROM pms.portfolio_totals(legs) t);
    side.judged := side.totals;

    -- The totals assume no price. The limits must: an order in an unpriced asset would pass them for
    -- that reason. They value it at the price of the order.
    IF EXISTS (SELECT 1 FROM unnest(legs) l WHERE l.asset = fill.asset AND l.mark_price IS NULL) THEN
        v_legs := ARRAY(
            SELECT CASE
                WHEN l.asset = fill.asset AND l.mark_price IS NULL
                    THEN (
                        l.account, l.position_id, l.asset, l.mode, l.leg, l.multiplier,
                        l.is_inverse, l.settlement_currency, l.size, l.cost, l.realized,
                        l.fees_open, l.fees_close, l.funding, l.opened_at, l.closed_at,
                        fill.price, now(), l.usdt_rate, l.unconverted_fees, l.version,
                        l.needs_review, l.created_at, l.updated_at, l.last_snapshot_at
                    )::pms.priced_leg
                ELSE l
            END
            FROM unnest(legs) l
        );
        side.judged := ARRAY(SELECT t FROM pms.portfolio_totals(v_legs) t);
    END IF;

    RETURN side;
END
$$;

COMMENT ON FUNCTION pms.pre_trade_totals IS
$$The totals of one side of a simulated fill: before or after it

legs: of all accounts.$$;

CREATE OR REPLACE FUNCTION pms.order_total_of(fill pms.order_event, legs pms.priced_leg[])
RETURNS pms.order_total
LANGUAGE sql
STABLE
AS $$
SELECT
    l.account,
    l.asset,
    pms.leg_exposure((fill).quantity, (fill).price, l.multiplier, l.is_inverse)
    * CASE l.settlement_currency WHEN 'USDT' THEN 1 ELSE l.usdt_rate END
FROM unnest(order_total_of.legs) l
WHERE (l.account, l.asset, l.mode, l.leg) = (
        (fill).account, (fill).asset, (fill).mode, (fill).leg
    )
$$;

COMMENT ON FUNCTION pms.order_total_of IS $$The size of a simulated fill, in USDT

legs: those after it.$$;

CREATE OR REPLACE FUNCTION pms.pre_trade_limits(
    before pms.pre_trade_side,
    after pms.pre_trade_side,
    ordered pms.order_total,
    book_account text
)
RETURNS SETOF pms.limit_change
LANGUAGE sql
STABLE
AS $$
SELECT
    b,
    a,
    CASE
        WHEN a.level = 'breach' AND a.value > b.value
            THEN CASE b.level WHEN 'breach' THEN 'worsened' ELSE 'breached' END
    END
FROM pms.account_limits((pre_trade_limits.before).judged, NULL, NULL) b
INNER JOIN
    pms.account_limits((pre_trade_limits.after).judged, NULL, NULL, pre_trade_limits.ordered) a
    ON b.id = a.id
-- Limits of other accounts and books do not concern this one.
WHERE coalesce(b.account, (pre_trade_limits.ordered).account)
    IN ((pre_trade_limits.ordered).account, pre_trade_limits.book_account)
$$;

COMMENT ON FUNCTION pms.pre_trade_limits IS
'The limits that concern the account and the book of a simulated fill, before and after it.';
