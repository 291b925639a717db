-- Each is one expression, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.book_account(account text, book text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN account || coalesce('|' || book, '');

COMMENT ON FUNCTION pms.book_account IS $$The account that stands for a book of an account

ACCOUNT|BOOK: no name has a |. Without a book, the account. The legs of a book are folded by the
rules of all legs, beside those of its account; no total over accounts has them, and no client
sees this name.$$;

CREATE OR REPLACE FUNCTION pms.base_account(account text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN split_part(account, '|', 1);

COMMENT ON FUNCTION pms.base_account IS
'The account of what pms.book_account returns; of an account, the same.';

CREATE OR REPLACE FUNCTION pms.book_of(account text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN nullif(split_part(account, '|', 2), '');

COMMENT ON FUNCTION pms.book_of IS
'The book of what pms.book_account returns; null of an account.';

CREATE OR REPLACE FUNCTION pms.account_members(account text)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN jsonb_build_object('account', pms.base_account(account), 'book', pms.book_of(account));

COMMENT ON FUNCTION pms.account_members IS
'{account, book} of what pms.book_account returns, as clients see them; book null of an account.';

CREATE OR REPLACE FUNCTION pms.is_book(account text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- The planner takes an equality for rare, and its negation for likely (ADR 0002).
RETURN (strpos(account, '|') > 0)::integer = 1;

COMMENT ON FUNCTION pms.is_book IS 'Whether an account stands for a book: see pms.book_account.';

-- The views call it with the rights of their readers.
GRANT EXECUTE ON FUNCTION pms.is_book TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.unassigned_book()
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 'unassigned';

COMMENT ON FUNCTION pms.unassigned_book IS 'The book of what names none.';

-- The views of books and of discrepancies call them with the rights of their readers.
GRANT EXECUTE ON FUNCTION pms.book_of TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT EXECUTE ON FUNCTION pms.base_account TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT EXECUTE ON FUNCTION pms.book_account TO pms_reader, pms_trader, pms_operator, pms_analyst;
