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
    v_asset text := pms.asset_name(define_instrument.asset);
    v_settlement text := pms.asset_name(define_instrument.settlement_currency);
    held pms.instruments;
BEGIN
    IF pms.check_asset(v_asset) IS NOT NULL
        OR pms.check_asset(pms.asset_name(define_instrument.quote_currency)) IS NOT NULL
        OR pms.check_asset(v_settlement) IS NOT NULL
    THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such instrument can be',
            DETAIL = format(
                '%L in %L, settled in %L', define_instrument.asset,
                define_instrument.quote_currency, define_instrument.settlement_currency
            ),
            HINT = 'Each is ' || pms.argument_range('asset') || '.';
    END IF;

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
            v_settlement
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
        quote_currency = pms.asset_name(define_instrument.quote_currency),
        settlement_currency = v_settlement,
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
- 400 `no such instrument can be` when the asset or a currency is no name
- 400 when a value is out of its range (the constraint names it)
- 409 `instrument already traded` when it would count existing positions by another rule$$;

GRANT EXECUTE ON FUNCTION api.define_instrument TO pms_operator;
