CREATE OR REPLACE FUNCTION pms.parse_transfer(given jsonb)
RETURNS pms.transfer
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_from pms.arguments := pms.parse_arguments(
        given || jsonb_build_object('account', given ->> 'from_account'), '{asset,account}'
    );
    v_to pms.arguments := pms.parse_arguments(
        jsonb_build_object('account', given ->> 'to_account'), '{account}'
    );
    v_side text := lower(nullif(given ->> 'position_side', ''));
    v_transfer pms.transfer;
    v_allows_negative boolean := coalesce(
        (SELECT i.allows_negative_price FROM pms.instruments i WHERE i.asset = v_from.asset), FALSE
    );
BEGIN
    v_transfer.transfer_id := given ->> 'transfer_id';
    v_transfer.asset := v_from.asset;
    -- As of a fill: to name a leg is to mean hedge mode.
    v_transfer.mode := coalesce(
        v_from.mode, CASE WHEN v_side IS NULL THEN 'one-way' ELSE 'hedge' END
    );
    v_transfer.leg := CASE v_transfer.mode WHEN 'one-way' THEN 'net' ELSE v_side END;
    v_transfer.from_account := v_from.account;
    v_transfer.to_account := v_to.account;
    v_transfer.quantity := pms.parse_decimal(given ->> 'quantity');
    v_transfer.price := pms.parse_decimal(given ->> 'price');

    SELECT jsonb_object_agg(o.field, o.message)
    INTO v_transfer.objections
    FROM (
        SELECT
            CASE r.key WHEN 'account' THEN 'from_account' ELSE r.key END AS field,
            r.value AS message
        FROM jsonb_each_text(v_from.objections) r
        UNION ALL
        SELECT 'to_account', r.value
        FROM jsonb_each_text(v_to.objections) r
        UNION ALL
        SELECT c.field, c.message
        FROM (
            VALUES
            ('transfer_id', pms.check_id(coalesce(v_transfer.transfer_id, ''))),
            (
                'to_account',
                CASE
                    WHEN v_to.account IS NOT DISTINCT FROM v_from.account
                        THEN 'must be another account than from_account'
                END
            ),
            (
                'position_side',
                CASE
                    WHEN v_transfer.mode = 'one-way' AND v_side IS NOT NULL
                        OR v_transfer.mode = 'hedge'
                        AND coalesce(v_side, '') NOT IN ('long', 'short')
                        THEN 'must be long or short in hedge mode, absent in one-way mode'
                END
            ),
            ('quantity', pms.check_positive(v_transfer.quantity)),
            (
                'price',
                CASE
                    WHEN given ->> 'price' IS NOT NULL
                        THEN pms.check_price(v_transfer.price, v_allows_negative)
                END
            )
        ) c (field, message)
        WHERE c.message IS NOT NULL
    ) o;

    RETURN v_transfer;
END
$$;

COMMENT ON FUNCTION pms.parse_transfer IS $$Read and check what a transfer asks for

given: literals by name; null is absent. Never raises: see objections.$$;
