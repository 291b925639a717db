CREATE OR REPLACE FUNCTION pms.book_move_objections(objections jsonb, is_fill boolean)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        CASE o.key
            WHEN 'transfer_id' THEN 'move_id'
            WHEN 'from_account' THEN 'from_book'
            WHEN 'to_account' THEN 'to_book'
            ELSE o.key
        END,
        replace(o.value, 'account', 'book')
    ),
    '{}'
)
FROM jsonb_each_text(
        CASE
            WHEN book_move_objections.is_fill
                THEN book_move_objections.objections - ARRAY['asset', 'quantity', 'from_account']
            ELSE book_move_objections.objections
        END
    ) o
$$;

COMMENT ON FUNCTION pms.book_move_objections IS
$$The objections to a move between books, of those of pms.parse_transfer

is_fill: the fill says what moves.$$;

CREATE OR REPLACE FUNCTION api.move_to_book(
    move_id text DEFAULT NULL,
    to_book text DEFAULT NULL,
    identity text DEFAULT NULL,
    asset text DEFAULT NULL,
    quantity text DEFAULT NULL,
    from_book text DEFAULT NULL,
    price text DEFAULT NULL,
    mode text DEFAULT NULL,
    position_side text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text := pms.resolve_account(account);
    v_given jsonb := jsonb_build_object(
        'move_id', move_id,
        'to_book', to_book,
        'identity', identity,
        'asset', asset,
        'quantity', quantity,
        'from_book', from_book,
        'price', price,
        'mode', mode,
        'position_side', position_side,
        'account', v_account
    );
    command pms.command := pms.begin_command('move_to_book', v_given, v_account);
    v_is_fill boolean := pms.unless_blank(identity) IS NOT NULL;
    -- The names of books follow the rule of those of accounts.
    v_asked pms.transfer := pms.parse_transfer(
        v_given || jsonb_build_object(
            'transfer_id', move_id,
            'from_account', coalesce(
                from_book, CASE WHEN NOT v_is_fill THEN pms.unassigned_book() END
            ),
            'to_account', to_book
        )
    );
    v_objections jsonb := nullif(
        pms.book_move_objections(v_asked.objections, v_is_fill)
        || jsonb_strip_nulls(jsonb_build_object('identity', CASE
            WHEN v_is_fill AND coalesce(asset, quantity, from_book, price) IS NOT NULL
                THEN 'must be absent beside asset, quantity, from_book or price'
        END))
        || jsonb_strip_nulls(jsonb_build_object('account', pms.check_account(v_account))),
        '{}'
    );
    v_outcome text;
BEGIN
    IF command.answer IS NULL AND v_objections IS NULL THEN
        -- A refused move begins no book.
        BEGIN
            v_outcome := CASE
                WHEN v_is_fill
                    THEN pms.move_fill_to_book(
                            v_account, identity, v_asked.to_account, move_id, command.trace_id
                        )
                ELSE pms.move_quantity_to_book(v_asked, v_account, command.trace_id)
            END;
            IF v_outcome <> 'applied' THEN
                RAISE no_data_found;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                NULL;
        END;
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(v_objections),
            CASE
                WHEN v_outcome = 'not_found'
                    THEN pms.error_response(
                            404, 'NOT_FOUND', 'no such fill', jsonb_strip_nulls(v_given)
                        )
                WHEN v_outcome NOT IN ('applied', 'duplicate')
                    THEN pms.error_response(
                            409, 'CONFLICT',
                            CASE v_outcome
                                WHEN 'conflict' THEN 'already recorded with other content'
                                WHEN 'nothing' THEN 'it is in this book'
                                WHEN 'busted' THEN 'the fill was busted'
                                ELSE 'insufficient position'
                            END,
                            jsonb_strip_nulls(v_given)
                        )
                ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
            END
        )
    );
END
$$;

COMMENT ON FUNCTION api.move_to_book IS $$Move a fill, or a quantity, to another book of its account

identity: a fill or a funding, which then counts in the book from its event time on. Else
quantity of asset, from from_book (without it unassigned), at present: without price at cost, at
a price as if the books had traded. The account stays as it is. move_id: a repeated one is a
duplicate.

Refuses with:
- 400 VALIDATION_ERROR when an argument is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when there is no such fill
- 409 CONFLICT when the book holds less, the fill is in the book or was busted, or move_id was used
  before for another move$$;

GRANT EXECUTE ON FUNCTION api.move_to_book TO pms_trader, pms_operator;
