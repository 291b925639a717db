CREATE OR REPLACE FUNCTION pms.converted_price(
    asset text,
    price numeric,
    priced_at timestamptz,
    at timestamptz,
    known_at timestamptz
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_multiply_by numeric := 1;
    v_divide_by numeric := 1;
    conversion pms.price_conversions;
BEGIN
    FOR conversion IN
        SELECT c.*
        FROM pms.price_conversions c
        WHERE c.asset = converted_price.asset
            AND c.effective_at > converted_price.priced_at
            AND c.effective_at <= converted_price.at
            AND c.known_from <= converted_price.known_at
            AND (c.known_to > converted_price.known_at OR c.known_to = 'infinity')
    LOOP
        v_multiply_by := v_multiply_by * conversion.multiply_by;
        v_divide_by := v_divide_by * conversion.divide_by;
    END LOOP;

    -- Exact, as in pms.contract_value.
    RETURN CASE
        WHEN NOT FOUND THEN price
        ELSE round(round(price * v_multiply_by, 60) / v_divide_by, 18)
    END;
END
$$;

COMMENT ON FUNCTION pms.converted_price IS $$A price of one moment in the units of a later one

As known at known_at. Rounded to 18 fractional digits.$$;

CREATE OR REPLACE FUNCTION pms.convert_newest_price(asset text, known_from timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pms.prices m
    SET mark_price = n.mark_price,
        priced_at = n.priced_at,
        recorded_at = convert_newest_price.known_from,
        is_marked = FALSE,
        seen_before = NULL
    FROM (
        SELECT
            pms.converted_price(r.asset, r.mark_price, r.priced_at, 'infinity', 'infinity'),
            greatest(
                r.priced_at,
                (
                    SELECT max(c.effective_at)
                    FROM pms.price_conversions c
                    WHERE c.asset = r.asset
                        AND c.known_to = 'infinity'
                )
            )
        FROM (
            -- As it was received: the stored price may have been converted before.
            (
                SELECT h.asset, h.close_price, h.close_at
                FROM pms.price_bars h
                WHERE h.asset = convert_newest_price.asset
                ORDER BY h.minute DESC
                LIMIT 1
            )
            UNION ALL
            (
                SELECT p.asset, p.mark_price, p.priced_at
                FROM pms.prices p
                WHERE p.asset = convert_newest_price.asset
            )
            LIMIT 1
        ) r (asset, mark_price, priced_at)
    ) n (mark_price, priced_at)
    WHERE m.asset = convert_newest_price.asset
        AND EXISTS (SELECT 1 FROM pms.price_conversions c WHERE c.asset = m.asset)
        AND (m.mark_price, m.priced_at) IS DISTINCT FROM (n.mark_price, n.priced_at);
END
$$;

COMMENT ON FUNCTION pms.convert_newest_price IS
$$Store the newest price of an asset in its present units

A price of before a conversion counts from the conversion on, so that nothing is valued twice. One
that is newer stays.$$;

CREATE OR REPLACE FUNCTION pms.restate_price_conversions(
    asset text,
    conversions pms.price_conversions[],
    known_from timestamptz
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- Of an action of the same batch: it was never known otherwise.
    DELETE FROM pms.price_conversions c
    WHERE c.asset = restate_price_conversions.asset
        AND c.known_from = restate_price_conversions.known_from;

    UPDATE pms.price_conversions c
    SET known_to = restate_price_conversions.known_from
    WHERE c.asset = restate_price_conversions.asset
        AND c.known_to = 'infinity'
        AND NOT EXISTS (
            SELECT 1
            FROM unnest(restate_price_conversions.conversions) n
            WHERE (n.cause, n.effective_at, n.multiply_by, n.divide_by)
                = (c.cause, c.effective_at, c.multiply_by, c.divide_by)
        );

    INSERT INTO pms.price_conversions (
        asset, effective_at, multiply_by, divide_by, cause, known_from
    )
    SELECT
        restate_price_conversions.asset, n.effective_at, n.multiply_by, n.divide_by, n.cause,
        restate_price_conversions.known_from
    FROM unnest(restate_price_conversions.conversions) n
    WHERE NOT EXISTS (
            SELECT 1
            FROM pms.price_conversions c
            WHERE c.asset = restate_price_conversions.asset
                AND c.cause = n.cause
                AND c.known_to = 'infinity'
        );
END
$$;

COMMENT ON FUNCTION pms.restate_price_conversions IS
$$Record all conversions of the prices of an asset, as they are known from now on

Moments before known_from keep the conversions known then. cause distinguishes them.$$;
