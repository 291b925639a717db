CREATE OR REPLACE FUNCTION api.get_position(
    asset text DEFAULT NULL,
    mode text DEFAULT NULL,
    account text DEFAULT NULL,
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
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('account', 'account', account),
            ('as_of', 'time', as_of),
            ('known_at', 'time', known_at),
            ('book', 'account', book)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.book_account(pms.resolve_account(account), asked.value ->> 'book');
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_position text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    -- The view itself: what is not shown is not computed (ADR 0002).
    IF v_as_of IS NULL AND v_known_at IS NULL AND asked.value ->> 'book' IS NULL THEN
        SELECT pms.position_text(p)
        INTO v_position
        FROM pms.current_positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode;
    ELSIF v_as_of IS NULL AND v_known_at IS NULL THEN
        SELECT pms.position_text(p)
        INTO v_position
        FROM pms.select_positions(NULL, NULL, v_account, v_asset, v_mode) p;
    ELSE
        SELECT pms.with_members(
                pms.as_of_json(v_as_of, v_known_at), trim(pms.position_text(p), '{}')
            )
        INTO v_position
        FROM pms.select_positions(v_as_of, v_known_at, v_account, v_asset, v_mode) p;
    END IF;

    IF v_position IS NULL THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN v_position::json;
END
$$;

COMMENT ON FUNCTION api.get_position IS $$Show one position

Without mode: one-way; without account: main; book: what a book of the account has. A closed one
is shown with size 0. as_of: as it was then; known_at: as we knew it then; a moment to come is
now. The answer carries both when one is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there
- 409 CONFLICT when as_of or known_at lies in a period that is archived$$;

GRANT EXECUTE ON FUNCTION api.get_position TO pms_reader, pms_trader, pms_operator;
