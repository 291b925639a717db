CREATE OR REPLACE FUNCTION pms.decide_held_price(given jsonb, is_accepted boolean)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('asset', 'asset', given ->> 'asset')]::pms.argument[], '{asset}'
    );
    stored pms.prices;
    v_prices pms.price_event[];
    v_changed_holds text[];
BEGIN
    -- A price is of all accounts.
    PERFORM pms.require_unscoped_key();

    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    SELECT m.*
    INTO stored
    FROM pms.prices m
    WHERE m.asset = asked.value ->> 'asset'
        AND m.held_price IS NOT NULL
    FOR UPDATE;

    IF NOT FOUND THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', format('no price of %s is held', asked.value ->> 'asset'), asked.value
        );
    END IF;

    IF is_accepted THEN
        SELECT s.outcomes, s.changed_holds
        INTO v_prices, v_changed_holds
        FROM pms.store_prices(
            ARRAY[(
                1, NULL, NULL, NULL, stored.held_trace_id, stored.asset, stored.held_price,
                stored.held_at, stored.held_source
            )::pms.price_event],
            TRUE
        ) s;
        -- One of before a split counts in the units after it.
        PERFORM pms.convert_newest_price(m.asset, pms.later_than(m.recorded_at))
        FROM pms.prices m
        WHERE m.asset = stored.asset;
    ELSE
        v_changed_holds := pms.replace_held_prices(ARRAY[stored.asset], '{}', NULL);
    END IF;

    PERFORM pms.mark_legs(pms.lock_legs_to_mark(v_prices, v_changed_holds));

    RETURN (
        SELECT jsonb_build_object(
            'asset', m.asset,
            'mark_price', pms.decimal_text(m.mark_price),
            'priced_at', pms.time_text(m.priced_at),
            'source', m.source
        )
        FROM pms.prices m
        WHERE m.asset = stored.asset
    );
END
$$;

COMMENT ON FUNCTION pms.decide_held_price IS $$Accept or drop the held price of an asset

given: {asset}. Answers the price that is used from now on, or a refusal.$$;

CREATE OR REPLACE FUNCTION api.accept_price(asset text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_given jsonb := jsonb_build_object('asset', asset);
    command pms.command := pms.begin_command('accept_price', v_given);
BEGIN
    RETURN pms.end_command(
        command, coalesce(command.answer, pms.decide_held_price(v_given, TRUE))
    );
END
$$;

COMMENT ON FUNCTION api.accept_price IS $$Use the held price of an asset

A price that jumps is held until a second one confirms it; this confirms it at once. Answers the
price that is used from now on: {asset, mark_price, priced_at, source}.

Refuses with:
- 400 VALIDATION_ERROR when the asset is out of its range
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when no price of the asset is held
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.accept_price TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.drop_price(asset text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_given jsonb := jsonb_build_object('asset', asset);
    command pms.command := pms.begin_command('drop_price', v_given);
BEGIN
    RETURN pms.end_command(
        command, coalesce(command.answer, pms.decide_held_price(v_given, FALSE))
    );
END
$$;

COMMENT ON FUNCTION api.drop_price IS $$Drop the held price of an asset

The price before it stays. The next one is compared with that, and held again if it jumps. Answers
the price that is used: {asset, mark_price, priced_at, source}.

Refuses with:
- 400 VALIDATION_ERROR when the asset is out of its range
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when no price of the asset is held
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.drop_price TO pms_trader, pms_operator;
