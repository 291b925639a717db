CREATE OR REPLACE FUNCTION api.get_snapshots(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    account text DEFAULT NULL,
    book text DEFAULT NULL
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
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('limit', 'limit', page_limit),
            ('offset', 'offset', page_offset),
            ('from', 'time', from_time),
            ('to', 'time', to_time),
            ('account', 'account', account),
            ('book', 'account', book)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.book_account(pms.resolve_account(account), asked.value ->> 'book');
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_from timestamptz := coalesce((asked.value ->> 'from')::timestamptz, '-infinity');
    v_to timestamptz := coalesce((asked.value ->> 'to')::timestamptz, 'infinity');
    v_count bigint;
    v_page jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    SELECT count(*)
    INTO v_count
    FROM pms.snapshots s
    WHERE s.account = v_account
        AND s.asset = v_asset
        AND s.mode = v_mode
        AND s.created_at BETWEEN v_from AND v_to;

    IF v_count = 0 AND NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode
            AND p.version > 0
    ) THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    SELECT coalesce(
        jsonb_agg(pms.snapshot_json(g.snapshot) ORDER BY (g.snapshot).created_at DESC), '[]'
    )
    INTO v_page
    FROM (
        SELECT s AS snapshot
        FROM pms.snapshots s
        WHERE s.account = v_account
            AND s.asset = v_asset
            AND s.mode = v_mode
            AND s.created_at BETWEEN v_from AND v_to
        ORDER BY s.created_at DESC
        LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
        OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
    ) g;

    RETURN jsonb_build_object('snapshots', v_page, 'count', v_count);
END
$$;

COMMENT ON FUNCTION api.get_snapshots IS $$List the snapshots of a position, newest first

from_time and to_time bound created_at, inclusive; count is of all that match, whatever the page.
Without mode: one-way; without account: main; book: of what a book of the account has; without
page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there$$;

GRANT EXECUTE ON FUNCTION api.get_snapshots TO pms_reader, pms_trader, pms_operator;
