SELECT account, book, created_at
FROM pms.books
WHERE FALSE;

SELECT account, identity, move_id, from_book, to_book, recorded_at, trace_id
FROM pms.book_moves
WHERE FALSE;

SELECT book
FROM pms.entries
WHERE FALSE;

SELECT 1 / count(*)
FROM pg_catalog.pg_constraint c
WHERE c.conname = 'legs_account_is_name'
    AND pg_catalog.pg_get_constraintdef(c.oid) LIKE '%# |%';
