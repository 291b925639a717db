CREATE OR REPLACE FUNCTION api.get_reviews(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
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
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('asset', 'asset', asset),
        ('mode', 'mode', mode),
        ('account', 'account', account),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset)
    ]::pms.argument[]);
    v_asset text := asked.value ->> 'asset';
    v_mode text := asked.value ->> 'mode';
    v_account text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    v_account := pms.require_account(asked.value ->> 'account');

    RETURN (
        -- Read twice: for the page and for the count (ADR 0002).
        WITH found AS MATERIALIZED (
            SELECT v.*
            FROM pms.standing_reviews v
            WHERE (v_asset IS NULL OR v.asset = v_asset)
                AND (v_mode IS NULL OR v.mode = v_mode)
                AND (v_account IS NULL OR v.account = v_account)
                AND pms.in_scope(v.account)
        ),

        page AS (
            SELECT f.*, row_number() OVER (
                ORDER BY f.raised_at, f.account, f.asset, f.mode, f.leg, f.code, f.source
            ) AS place
            FROM found f
            ORDER BY place
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        )

        SELECT jsonb_build_object(
            'reviews', coalesce(
                (
                    SELECT jsonb_agg(
                        jsonb_build_object(
                            'account', g.account,
                            'asset', g.asset,
                            'mode', g.mode,
                            'leg', g.leg,
                            'code', g.code,
                            'source', g.source,
                            'detail', g.detail,
                            'remedy', g.remedy,
                            'raised_at', pms.time_text(g.raised_at)
                        )
                        ORDER BY g.place
                    )
                    FROM page g
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
    );
END
$$;

COMMENT ON FUNCTION api.get_reviews IS $$List the reasons why positions need review

Each with what settles it, those that have stood longest first. count is of all that match, whatever
the page. Without page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_reviews TO pms_reader, pms_trader, pms_operator;
