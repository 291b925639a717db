CREATE OR REPLACE FUNCTION api.get_limits(
    account text DEFAULT NULL,
    page_limit text DEFAULT NULL,
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
            ('account', 'account', account), ('limit', 'limit', page_limit),
            ('book', 'account', book)
        ]::pms.argument[]
    );
    v_account text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_book(asked.value ->> 'account', asked.value ->> 'book');
    RETURN jsonb_build_object(
        'limits', coalesce(
            (
                SELECT jsonb_agg(
                    pms.limit_state_json(l) ORDER BY l.scope DESC, l.id
                )
                FROM api.limits l
                WHERE v_account IS NULL
                    OR l.account IS NULL
                    OR v_account IN (l.account, pms.book_account(l.account, l.book))
            ),
            '[]'
        ),
        'breaches', coalesce(
            (
                SELECT jsonb_agg(pms.breach_json(n) ORDER BY n.began_at DESC, n.id DESC)
                FROM (
                    SELECT b.*
                    FROM pms.limit_breaches b
                    WHERE pms.in_scope(b.account)
                        AND (
                            v_account IS NULL
                            OR b.account = '*'
                            OR v_account IN (
                                b.account,
                                pms.book_account(b.account, pms.book_of_limit(b.limit_id))
                            )
                        )
                    ORDER BY b.began_at DESC, b.id DESC
                    LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
                ) n
            ),
            '[]'
        ),
        'calculated_at', pms.time_text(clock_timestamp())
    );
END
$$;

COMMENT ON FUNCTION api.get_limits IS $$Show the limits, how far each is used, and their breaches

Each limit by the totals of its own scope. Without account: all; with one, its own, those of its
books, and those on all accounts together; book: those of a book of the account, or of main, and
those on all accounts. A key that is bound to accounts sees the limits of those alone. The newest
breaches come first; without page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_limits TO pms_reader, pms_trader, pms_operator;
