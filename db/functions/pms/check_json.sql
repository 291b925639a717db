-- Deploy position_manager:functions/pms/check_json to pg
-- requires: functions/pms/portfolio_json
-- requires: functions/pms/position_json
-- requires: functions/pms/positions_of

BEGIN;

CREATE OR REPLACE FUNCTION pms.check_json(
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
        FROM unnest(check_json.legs) l
    );

    v_judged := pms.portfolio_json(v_assumed, NULL, NULL);

    RETURN jsonb_build_object(
        'position', (
            SELECT
                jsonb_build_object('exposure_usdt', pms.decimal_text(p.exposure_usdt))
                || pms.position_json(p)
                - '{id,version,time_held_minutes,price_updated_at,needs_review,last_updated,
                    last_snapshot_at,closed_at,created_at,unconverted_fees}'::text[]
            FROM pms.positions_of(
                ARRAY(SELECT l FROM unnest(check_json.legs) l WHERE l.account = fill.account),
                now()
            ) p
            WHERE p.asset = fill.asset
                AND p.mode = fill.mode
        ),
        'portfolio', CASE
            WHEN check_json.account IS NULL AND v_assumed = check_json.legs THEN v_judged
            ELSE pms.portfolio_json(
                ARRAY(
                    SELECT l
                    FROM unnest(check_json.legs) l
                    WHERE l.account = check_json.account
                        OR check_json.account IS NULL
                ),
                check_json.account,
                NULL
            )
        END - '{by_asset,limits,limit_exceeded,calculated_at}'::text[],
        'limits', v_judged -> 'limits'
    );
END
$$;

COMMENT ON FUNCTION pms.check_json IS $$What a check tells of one side of a fill: before or after it

legs: of all accounts. position: that of the fill, null when there is none; portfolio: of account,
null is all accounts; limits: all of them, judged on all accounts.$$;

COMMIT;
