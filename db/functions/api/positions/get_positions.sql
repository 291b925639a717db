CREATE OR REPLACE FUNCTION api.get_positions(
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    size_min text DEFAULT NULL,
    size_max text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL,
    as_of text DEFAULT NULL,
    known_at text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(jsonb_build_object(
        'account', account,
        'asset', asset,
        'mode', mode,
        'size_min', size_min,
        'size_max', size_max,
        'limit', page_limit,
        'offset', page_offset,
        'as_of', as_of,
        'known_at', known_at
    ));
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    asked.account := pms.require_account(asked.account);

    RETURN (
        WITH found AS MATERIALIZED (
            SELECT p
            FROM pms.positions_from_legs(
                pms.select_legs(asked.as_of, asked.known_at, asked.account),
                least(asked.as_of, now())
            ) p
            WHERE (asked.asset IS NULL OR p.asset = asked.asset)
                AND (asked.mode IS NULL OR p.mode = asked.mode)
                AND (asked.size_min IS NULL OR p.size >= asked.size_min)
                AND (asked.size_max IS NULL OR p.size <= asked.size_max)
        ),

        page AS (
            SELECT pms.position_json(f.p) AS body
            FROM found f
            ORDER BY (f.p).asset, (f.p).mode, (f.p).account
            LIMIT asked.page_limit
            OFFSET coalesce(asked.page_offset, 0)
        )

        SELECT jsonb_build_object(
            'positions', coalesce((SELECT jsonb_agg(g.body) FROM page g), '[]'),
            'count', (SELECT count(*) FROM found)
        ) || pms.as_of_json(asked.as_of, asked.known_at)
    );
END
$$;

COMMENT ON FUNCTION api.get_positions IS $$List positions

Closed ones included, by asset and mode; count is of all that match, whatever the page. Without
account: of all accounts. size_min and size_max bound the signed size, inclusive. as_of: as they
were then; known_at: as we knew them then; a moment to come is now. The answer carries both when one
is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_positions TO pms_reader, pms_trader, pms_operator;
