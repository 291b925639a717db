CREATE OR REPLACE FUNCTION api.record_price(
    symbol text DEFAULT NULL,
    mark_price text DEFAULT NULL,
    "timestamp" text DEFAULT NULL  -- noqa: RF06
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.record_events(
        'record_price',
        'ticker',
        jsonb_strip_nulls(jsonb_build_object(
            'symbol', symbol, 'mark_price', mark_price, 'timestamp', record_price.timestamp
        ))
    );
END
$$;

COMMENT ON FUNCTION api.record_price IS $$Record one mark price by hand

Answers {outcome, reason, detail, trace_id}: applied, duplicate, stale when a newer price is known,
or held when it jumps. timestamp is the time of the price, default now.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_price TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.record_prices(prices jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.record_events('record_prices', 'ticker', prices, 'prices');
END
$$;

COMMENT ON FUNCTION api.record_prices IS $$Record mark prices by hand, with one outcome each

prices: an array of 1 to 1000 objects {asset, price, timestamp (default: now)}; one with another
field is rejected. Answers how many were applied, duplicate, rejected or other, and {outcomes}:
applied, duplicate, stale (a newer price is known), held (it jumps) or rejected with reason and
detail.

Refuses with:
- 400 VALIDATION_ERROR when prices is not such an array
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_prices TO pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.post_prices(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_body jsonb := pms.parse_body($1);
BEGIN
    RETURN CASE jsonb_typeof(v_body)
        WHEN 'object' THEN pms.record_events('record_price', 'ticker', v_body)
        WHEN 'array' THEN pms.record_events('record_prices', 'ticker', v_body, 'prices')
        ELSE pms.body_error('an object, or an array of 1 to 1000 prices')
    END;
END
$$;

COMMENT ON FUNCTION api.post_prices IS $$Record the price, or the array of prices, of a JSON body

As api.record_price and api.record_prices, which see.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.post_prices TO pms_trader, pms_operator;
