CREATE OR REPLACE FUNCTION api.get_positions(
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    size_min text DEFAULT NULL,
    size_max text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL,
    as_of text DEFAULT NULL,
    known_at text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS api."application/json"
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('account', 'account', account),
        ('asset', 'asset', asset),
        ('mode', 'mode', mode),
        ('size_min', 'decimal', size_min),
        ('size_max', 'decimal', size_max),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset),
        ('as_of', 'time', as_of),
        ('known_at', 'time', known_at),
        ('book', 'account', book)
    ]::pms.argument[]);
    v_asset text := asked.value ->> 'asset';
    v_mode text := asked.value ->> 'mode';
    v_size_min numeric := (asked.value ->> 'size_min')::numeric;
    v_size_max numeric := (asked.value ->> 'size_max')::numeric;
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_body jsonb;
    v_positions text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    -- Read twice: for the page and for the count (ADR 0002).
    WITH found AS MATERIALIZED (
        SELECT p.*
        FROM pms.select_positions(
            v_as_of, v_known_at,
            pms.require_book(asked.value ->> 'account', asked.value ->> 'book'), v_asset, v_mode
        ) p
        WHERE (v_size_min IS NULL OR p.size >= v_size_min)
            AND (v_size_max IS NULL OR p.size <= v_size_max)
    )

    SELECT
        jsonb_build_object('count', (SELECT count(*) FROM found))
        || pms.as_of_json(v_as_of, v_known_at),
        string_agg(g.position, ',')
    INTO v_body, v_positions
    FROM (
        SELECT pms.position_text(row(f.*)::pms.current_positions) AS position
        FROM found f
        ORDER BY f.asset, f.mode, f.account
        LIMIT (asked.value ->> 'limit')::integer
        OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
    ) g;

    RETURN pms.with_members(v_body, concat('"positions": [', v_positions, ']'));
END
$$;

COMMENT ON FUNCTION api.get_positions IS $$List positions

Closed ones included, by asset and mode; count is of all that match, whatever the page. Without
account: of all accounts. book: of a book of the account, or of main. size_min and size_max bound
the signed size, inclusive. as_of: as they were then; known_at: as we knew them then; a moment to
come is now. The answer carries both when one is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when as_of or known_at lies in a period that is archived$$;

GRANT EXECUTE ON FUNCTION api.get_positions TO pms_reader, pms_trader, pms_operator;
