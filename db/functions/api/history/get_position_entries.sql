CREATE OR REPLACE FUNCTION api.get_position_entries(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    before text DEFAULT NULL,
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
            ('account', 'account', account),
            ('limit', 'limit', page_limit),
            ('before', 'entry', before),
            ('book', 'account', book)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.book_account(pms.resolve_account(account), asked.value ->> 'book');
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_limit integer := coalesce((asked.value ->> 'limit')::integer, 100);
    v_before bigint := (asked.value ->> 'before')::bigint;
    v_has_units boolean;
    last_seen pms.ledger_entries;
    v_page jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF v_before IS NOT NULL THEN
        SELECT e.*
        INTO last_seen
        FROM pms.ledger_entries e
        WHERE e.id = v_before
            AND e.account = v_account
            AND e.asset = v_asset
            AND e.mode = v_mode;

        IF NOT FOUND THEN
            RETURN pms.error_response(
                404, 'NOT_FOUND', 'before: must be the id of an entry of this position',
                '{"before": "must be the id of an entry of this position"}'
            );
        END IF;
    END IF;

    -- Units rarely change: most assets have no conversion.
    v_has_units := EXISTS (SELECT 1 FROM pms.price_conversions c WHERE c.asset = v_asset);

    -- One more than requested shows whether there are more.
    SELECT jsonb_agg(
        pms.explained_entry_json(n) || jsonb_build_object(
            'adjusted_price', pms.decimal_text(CASE
                WHEN v_has_units
                    THEN pms.converted_price(v_asset, n.price, n.executed_at, 'infinity', 'infinity')
                ELSE n.price
            END)
        )
        ORDER BY n.executed_at DESC, n.id DESC
    )
    INTO v_page
    FROM pms.explain_entries(v_account, v_asset, v_mode, v_limit + 1, last_seen) n;

    IF v_page IS NULL AND last_seen.id IS NULL THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN jsonb_build_object(
        'entries', coalesce(v_page - v_limit, '[]'),
        'next_before', CASE WHEN v_page -> v_limit IS NOT NULL
            THEN v_page -> (v_limit - 1) -> 'id'
        END
    ) || CASE
        WHEN v_page -> v_limit IS NULL AND pms.has_archived_entries(
            v_account, v_asset, v_mode, NULL, pms.ledger_begins_at()
        )
            THEN jsonb_build_object('archived_before', pms.time_text(pms.ledger_begins_at()))
        ELSE '{}'
    END;
END
$$;

COMMENT ON FUNCTION api.get_position_entries IS $$Explain a position: its entries, newest first

Each with the state of its leg right after it, in the order of events; of a hedge both legs. A
voided entry stands in its place and changes nothing. before: the id of an entry, for those
before it; next_before is that of the next page, null on the last. archived_before, on the last
page: older entries are archived, those before this moment. adjusted_price is the price in
the present units, after all later splits. Without mode: one-way; without account: main; without
page_limit: 100; book: those of a book of the account. See api.position_entries for the other
fields.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there, or before is no entry of this position$$;

GRANT EXECUTE ON FUNCTION api.get_position_entries TO pms_reader, pms_trader, pms_operator;
