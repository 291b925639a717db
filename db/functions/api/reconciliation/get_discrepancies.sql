CREATE OR REPLACE FUNCTION api.get_discrepancies(
    status text DEFAULT NULL,
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('status', 'status', status),
        ('asset', 'asset', asset),
        ('mode', 'mode', mode),
        ('account', 'account', account),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset),
        ('book', 'account', book)
    ]::pms.argument[]);
    v_status text := coalesce(asked.value ->> 'status', 'open');
    v_asset text := asked.value ->> 'asset';
    v_mode text := asked.value ->> 'mode';
    v_account text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    v_account := pms.require_book(asked.value ->> 'account', asked.value ->> 'book');

    RETURN (
        -- Read twice: for the page and for the count (ADR 0002).
        WITH found AS MATERIALIZED (
            SELECT d AS discrepancy
            FROM pms.discrepancies d
            WHERE (v_status = 'all' OR d.status = v_status)
                AND (v_asset IS NULL OR d.asset = v_asset)
                AND (v_mode IS NULL OR d.mode = v_mode)
                -- An account with its books: their discrepancies are nowhere else.
                AND (v_account IS NULL OR v_account IN (d.account, pms.base_account(d.account)))
                AND pms.in_scope(pms.base_account(d.account))
        ),

        page AS (
            SELECT f.discrepancy
            FROM found f
            ORDER BY (f.discrepancy).last_seen_at DESC, (f.discrepancy).id
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        )

        SELECT jsonb_build_object(
            'discrepancies', coalesce(
                (
                    SELECT jsonb_agg(
                        pms.discrepancy_json(g.discrepancy)
                        ORDER BY (g.discrepancy).last_seen_at DESC, (g.discrepancy).id
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

COMMENT ON FUNCTION api.get_discrepancies IS $$List discrepancies

The last seen first. Without status: open ones; all: whatever became of them. Those of an account
are with those of its books; book: only those of a book of the account, or of main. count is of all
that match, whatever the page. Without page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_discrepancies TO pms_reader, pms_trader, pms_operator;
