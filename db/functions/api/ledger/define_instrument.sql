CREATE OR REPLACE FUNCTION api.define_instrument(
    asset text,
    kind text DEFAULT 'linear',
    multiplier numeric DEFAULT 1,
    quote_currency text DEFAULT 'USDT',
    settlement_currency text DEFAULT 'USDT',
    allows_negative_price boolean DEFAULT FALSE
)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_asset text := upper(define_instrument.asset);
    held pms.instruments;
BEGIN
    INSERT INTO pms.instruments (asset) VALUES (v_asset)
    ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

    SELECT i.* INTO STRICT held
    FROM pms.instruments i
    WHERE i.asset = v_asset
    FOR UPDATE;

    -- Entries counted by one rule cannot be valued by another one afterwards.
    IF (held.kind, held.multiplier, held.settlement_currency) IS DISTINCT FROM
        (
            define_instrument.kind, define_instrument.multiplier,
            upper(define_instrument.settlement_currency)
        )
        AND EXISTS (SELECT 1 FROM pms.positions p WHERE p.asset = v_asset AND p.version > 0)
    THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'instrument already traded',
            DETAIL = format(
                '%s is counted as %s, multiplier %s, in %s',
                v_asset, held.kind, held.multiplier, held.settlement_currency
            ),
            HINT = 'Define an instrument before its first fill arrives.';
    END IF;

    UPDATE pms.instruments i
    SET kind = define_instrument.kind,
        multiplier = define_instrument.multiplier,
        quote_currency = upper(define_instrument.quote_currency),
        settlement_currency = upper(define_instrument.settlement_currency),
        allows_negative_price = define_instrument.allows_negative_price,
        is_assumed = FALSE
    WHERE i.asset = v_asset;
    PERFORM pms.audit_command(
        'define_instrument',
        jsonb_build_object(
            'kind', define_instrument.kind,
            'multiplier', define_instrument.multiplier,
            'quote_currency', define_instrument.quote_currency,
            'settlement_currency', define_instrument.settlement_currency,
            'allows_negative_price', define_instrument.allows_negative_price,
            'asset', v_asset
        ),
        NULL,
        v_asset
    );
END
$$;

COMMENT ON FUNCTION api.define_instrument IS $$Say how an instrument is valued, before it is traded

kind: linear, inverse or spot. multiplier > 0. Safe to repeat.

Refuses with:
- 400 when a value is out of its range (the constraint names it)
- 409 `instrument already traded` when it would count existing positions by another rule$$;

GRANT EXECUTE ON FUNCTION api.define_instrument TO pms_operator;
