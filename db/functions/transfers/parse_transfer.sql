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
    -- As of a fill: whoever names a leg means the hedge.
    v_transfer.mode := coalesce(
        v_from.mode, CASE WHEN v_side IS NULL THEN 'one-way' ELSE 'hedge' END
    );
    v_transfer.leg := CASE v_transfer.mode WHEN 'one-way' THEN 'net' ELSE v_side END;
    v_transfer.from_account := v_from.account;
    v_transfer.to_account := v_to.account;
    v_transfer.quantity := pms.parse_decimal(given ->> 'quantity');
    v_transfer.price := pms.parse_decimal(given ->> 'price');

    SELECT jsonb_object_agg(o.field, o.range)
    INTO v_transfer.objections
    FROM (
        SELECT
            CASE r.key WHEN 'account' THEN 'from_account' ELSE r.key END AS field,
            r.value AS range
        FROM jsonb_each_text(v_from.objections) r
        UNION ALL
        SELECT 'to_account', r.value
        FROM jsonb_each_text(v_to.objections) r
        UNION ALL
        SELECT c.field, c.range
        FROM (
            VALUES
            (
                'transfer_id', length(v_transfer.transfer_id) BETWEEN 1 AND 128,
                'must have 1 to 128 characters'
            ),
            (
                'to_account', v_to.account IS DISTINCT FROM v_from.account,
                'must be another account than from_account'
            ),
            (
                'position_side',
                CASE v_transfer.mode
                    WHEN 'one-way' THEN v_side IS NULL
                    WHEN 'hedge' THEN v_side IN ('long', 'short')
                    ELSE TRUE
                END,
                'must be long or short in hedge mode, absent in one-way mode'
            ),
            (
                'quantity', v_transfer.quantity > 0,
                'must be a decimal > 0, < 10^20, at most 18 fractional digits'
            ),
            (
                'price',
                given ->> 'price' IS NULL OR v_transfer.price > 0
                OR (v_allows_negative AND v_transfer.price IS NOT NULL),
                'must be a decimal > 0, < 10^20, at most 18 fractional digits'
            )
        ) c (field, holds, range)
        WHERE c.holds IS NOT TRUE
    ) o;

    RETURN v_transfer;
END
$$;

COMMENT ON FUNCTION pms.parse_transfer IS $$Read and check what a transfer asks for

given: literals by name; null is absent. Never raises: see objections.$$;
