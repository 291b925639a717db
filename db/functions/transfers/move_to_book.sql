CREATE OR REPLACE FUNCTION pms.lock_for_books(account text, books text[])
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
    v_books CONSTANT text[] := ARRAY(
        SELECT pms.book_account(lock_for_books.account, b.book)
        FROM unnest(lock_for_books.books || pms.unassigned_book()) b (book)
    );
    v_recorded_at timestamptz;
BEGIN
    -- As pms.apply_order_events does where a book begins or a fill is amended.
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
    v_recorded_at := pms.lock_legs(ARRAY(
        SELECT (k.account, l.asset, l.mode, l.leg)::pms.leg_key
        FROM pms.legs l
        CROSS JOIN LATERAL unnest(v_books || lock_for_books.account) k (account)
        WHERE l.account = lock_for_books.account
    ));
    PERFORM pms.begin_books(v_books, v_recorded_at);
    RETURN v_recorded_at;
END
$$;

COMMENT ON FUNCTION pms.lock_for_books IS
$$Lock the legs of an account and of its books, and begin those that are new

Returns what pms.lock_legs returns.$$;

CREATE OR REPLACE FUNCTION pms.move_fill_to_book(
    account text,
    identity text,
    to_book text,
    move_id text,
    trace_id text
)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at timestamptz;
    v_fill pms.ledger_entries;
    v_entry pms.ledger_entries;
    v_moved pms.ledger_entries;
    v_root text;
    v_from text;
BEGIN
    SELECT e.* INTO v_fill FROM pms.find_entry(account, identity) e;
    IF v_fill.identity IS NULL OR v_fill.kind NOT IN ('trade', 'funding') THEN
        RETURN 'not_found';
    END IF;

    v_root := coalesce(v_fill.amends, v_fill.identity);
    v_recorded_at := pms.lock_for_books(account, ARRAY[to_book]);

    IF EXISTS (
        SELECT 1
        FROM pms.book_moves m
        WHERE m.account = move_fill_to_book.account
            AND m.move_id = move_fill_to_book.move_id
    ) THEN
        RETURN (
            SELECT
                CASE
                    WHEN (m.identity, m.to_book) = (v_root, move_fill_to_book.to_book)
                        THEN 'duplicate'
                    ELSE 'conflict'
                END
            FROM pms.book_moves m
            WHERE m.account = move_fill_to_book.account
                AND m.move_id = move_fill_to_book.move_id
        );
    END IF;

    -- The fill, or the correction that stands for it.
    SELECT b.*
    INTO v_entry
    FROM (
        SELECT v_root AS identity
        UNION ALL
        SELECT a.identity
        FROM pms.amendments a
        WHERE a.account = move_fill_to_book.account
            AND a.amends = v_root
            AND a.cause = 'correction'
    ) f
    CROSS JOIN LATERAL pms.entries_in_books(move_fill_to_book.account, f.identity) b;
    IF v_entry.identity IS NULL THEN
        RETURN 'busted';
    END IF;

    v_from := pms.book_of(v_entry.account);
    IF v_from = to_book THEN
        RETURN 'nothing';
    END IF;

    INSERT INTO pms.book_moves (
        account, identity, move_id, from_book, to_book, recorded_at, trace_id
    )
    VALUES (account, v_root, move_id, v_from, to_book, v_recorded_at, trace_id);

    v_moved := v_entry;
    v_moved.account := pms.book_account(account, to_book);
    v_moved.identity := pms.moved_identity(
        move_id, regexp_replace(v_entry.identity, '^moved:[^:]+:', '')
    );
    v_moved.amends := NULL;
    v_moved.recorded_at := v_recorded_at;
    v_moved.source := 'api';
    v_moved.trace_id := trace_id;
    PERFORM pms.post_entries(
        ARRAY[v_moved],
        ARRAY[(
            v_entry.account, v_entry.asset, v_entry.mode, v_entry.leg, v_entry.executed_at,
            v_entry.identity, 'correction', 'move:' || move_id, v_recorded_at, 'api', trace_id
        )::pms.entry_void]
    );
    RETURN 'applied';
END
$$;

COMMENT ON FUNCTION pms.move_fill_to_book IS
$$Move a fill, or a funding, to another book of its account

As if it had named that book: from its event time on. The account stays as it is. identity: that
of the fill or of a correction of it. applied; duplicate when move_id did the same before;
conflict when it moved something else; nothing when the fill is in that book; busted when it does
not count; not_found. In transactions that have locked legs already, those must be of this
account.$$;

CREATE OR REPLACE FUNCTION pms.move_quantity_to_book(
    asked pms.transfer,
    account text,
    trace_id text
)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.lock_for_books(account, ARRAY[asked.to_account]);
    asked.from_account := pms.book_account(account, asked.from_account);
    asked.to_account := pms.book_account(account, asked.to_account);
    RETURN (SELECT r.outcome FROM pms.record_transfer(asked, move_quantity_to_book.trace_id) r);
END
$$;

COMMENT ON FUNCTION pms.move_quantity_to_book IS
$$Move a quantity from one book of an account to another, at present: see pms.record_transfer

asked: from_account and to_account are the books.$$;
