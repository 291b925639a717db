CREATE OR REPLACE FUNCTION api.get_instruments(
    asset text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset), ('limit', 'limit', page_limit),
            ('offset', 'offset', page_offset)
        ]::pms.argument[]
    );
    v_asset text := asked.value ->> 'asset';
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    RETURN jsonb_build_object(
        'instruments', coalesce(
            (
                SELECT jsonb_agg(
                    to_jsonb(n) || jsonb_build_object(
                        'multiplier', pms.decimal_text(n.multiplier),
                        'tick_size', pms.decimal_text(n.tick_size),
                        'quantity_step', pms.decimal_text(n.quantity_step),
                        'expires_at', pms.time_text(n.expires_at),
                        'created_at', pms.time_text(n.created_at)
                    )
                    ORDER BY n.asset
                )
                FROM (
                    SELECT i.*
                    FROM api.instruments i
                    WHERE v_asset IS NULL
                        OR i.asset = v_asset
                    ORDER BY i.asset
                    LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
                    OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
                ) n
            ),
            '[]'
        ),
        'count', (SELECT count(*) FROM api.instruments i WHERE v_asset IS NULL OR i.asset = v_asset)
    );
END
$$;

COMMENT ON FUNCTION api.get_instruments IS $$List the rules by which assets are valued

By asset, an alias being its asset. Without page_limit: 100; count is of all that match.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range$$;

GRANT EXECUTE ON FUNCTION api.get_instruments TO pms_reader, pms_trader, pms_operator;
