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
DECLARE
    v_price jsonb := jsonb_build_object(
        'symbol', symbol, 'mark_price', mark_price, 'timestamp', record_price.timestamp
    );
    command pms.command := pms.begin_command('record_price', v_price);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('ticker', jsonb_build_array(jsonb_strip_nulls(v_price))) -> 0
            )
        )
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
DECLARE
    command pms.command := pms.begin_command(
        'record_prices', jsonb_build_object('prices', prices)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.batch_error('prices', prices),
            jsonb_build_object('outcomes', pms.submit('ticker', prices))
        )
    );
END
$$;

COMMENT ON FUNCTION api.record_prices IS $$Record mark prices by hand, with one outcome each

prices: an array of 1 to 1000 objects {symbol, mark_price, timestamp (default: now)}. Answers
{outcomes}: applied, duplicate, stale (a newer price is known), held (it jumps) or rejected with
reason and detail.

Refuses with:
- 400 VALIDATION_ERROR when prices is not such an array
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_prices TO pms_trader, pms_operator;
