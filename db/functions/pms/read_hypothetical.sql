-- Deploy position_manager:functions/pms/read_hypothetical to pg
-- requires: functions/pms/read_order_events
-- requires: migrations/prices

BEGIN;

CREATE OR REPLACE FUNCTION pms.read_hypothetical(given jsonb)
RETURNS pms.order_event
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- An argument that is empty is absent.
    v_given jsonb := (
        SELECT coalesce(jsonb_object_agg(g.key, g.value), '{}')
        FROM jsonb_each_text(read_hypothetical.given) g
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
    FROM pms.read_order_events(
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

COMMENT ON FUNCTION pms.read_hypothetical IS $$A fill that nobody has made, read as if it had come

given: account, asset, mode, position_side, side, quantity, price (absent: the mark price), fee (in
the settlement currency). What is refused has outcome rejected, and a detail: field: what it must
be. Never raises.$$;

COMMIT;
