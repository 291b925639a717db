CREATE OR REPLACE FUNCTION pms.account_scope()
RETURNS text[]
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('pms.account_scope', TRUE), ''), ',');

COMMENT ON FUNCTION pms.account_scope IS
$$The accounts that the caller is bound to; null: no restriction

Set by pms.check_request for the transaction of a request.$$;

-- Parsed at creation, so that readers of a view need no USAGE on pms; one expression, so that it is
-- inlined (ADR 0002).
CREATE OR REPLACE FUNCTION pms.in_scope(account text)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        pms.is_book(in_scope.account) IS NOT TRUE  -- noqa: RF01, CP03
        AND (
            -- The planner takes an inequality for likely. It would take an equality for rare, and
            -- join whole tables row by row (ADR 0002).
            (coalesce(current_setting('pms.account_scope', TRUE), '') = '')::text <> 'false'
            OR in_scope.account = ANY(  -- noqa: RF01, CP03
                string_to_array(current_setting('pms.account_scope', TRUE), ',')
            )
        );
END;

COMMENT ON FUNCTION pms.in_scope IS $$Whether a list shows the caller the rows of an account

Not those of a book: its account has them already, and they are shown only to those who ask for the
book. True for callers without a restriction: worker, jobs, command line, analysts, keys without a
scope. For a bound key, rows of no account or of all of them ('*') are not in scope: null or false.$$;

-- The views call it with the rights of their readers.
GRANT EXECUTE ON FUNCTION pms.in_scope TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.require_in_scope(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_account text := pms.account_name(account);
BEGIN
    IF v_account IS NULL THEN
        RETURN NULL;
    END IF;

    IF pms.in_scope(pms.base_account(v_account)) IS FALSE THEN
        -- A malformed name is left to the checks of arguments: it is in no scope, and nothing is
        -- behind it. In a branch of its own, as a request seldom comes here (ADR 0002).
        IF pms.check_account(pms.base_account(v_account)) IS NULL THEN
            PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key is bound to other accounts');
        END IF;
    END IF;

    RETURN v_account;
END
$$;

COMMENT ON FUNCTION pms.require_in_scope IS
$$An account that a request or a message names, if the current key may see it

As pms.account_name has it; a book may be seen where its account may. Null and a blank are null: then
it is about all that are in scope, see pms.in_scope. Refuses with:
- 403 when the key is bound to others$$;

CREATE OR REPLACE FUNCTION pms.require_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_account CONSTANT text := pms.require_in_scope(account);
BEGIN
    IF v_account IS NOT NULL THEN
        PERFORM pms.require_own_accounts(ARRAY[v_account]);
    END IF;

    RETURN v_account;
END
$$;

COMMENT ON FUNCTION pms.require_account IS
$$The account that a request names, if the current key may see it and this shard has it

As pms.require_in_scope. Refuses with:
- 403 when the key is bound to others
- 421 as pms.require_own_accounts$$;

CREATE OR REPLACE FUNCTION pms.accounts_of(account text)
RETURNS text[]
LANGUAGE sql
STABLE
RETURN CASE
    WHEN pms.account_name(account) IS NULL THEN pms.account_scope()
    ELSE ARRAY[pms.require_account(account)]
END;

COMMENT ON FUNCTION pms.accounts_of IS
$$The accounts of a query: one, or for a blank all in scope; null is all there are

Refuses with:
- 403 and 421 as pms.require_account$$;

CREATE OR REPLACE FUNCTION pms.resolve_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_scope text[] := pms.account_scope();
BEGIN
    RETURN pms.require_account(coalesce(
        pms.account_name(account), CASE WHEN v_scope[1] = ALL(v_scope) THEN v_scope[1] ELSE 'main' END
    ));
END
$$;

COMMENT ON FUNCTION pms.resolve_account IS $$The one account that a request is about

Null and a blank are main, or the only one that the key is bound to. Refuses with:
- 403 when the key is bound to others$$;

CREATE OR REPLACE FUNCTION pms.account_objection(account text, book text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN CASE
        WHEN coalesce(account_objection.account, account_objection.book) IS NULL
            AND cardinality(pms.account_scope()) > 1
            THEN '{"account": "must be given: this key has several accounts"}'::jsonb
    END;
END
$$;

COMMENT ON FUNCTION pms.account_objection IS
$$The objection to a request about one account that leaves open which one, or null

A key that is not bound to accounts, or to one, leaves none open: see pms.resolve_account.$$;

CREATE OR REPLACE FUNCTION pms.accounts_of_books(account text)
RETURNS text[]
LANGUAGE sql
STABLE
AS $$
SELECT array(
    SELECT pms.book_account(b.account, b.book)
    FROM pms.books b
    WHERE b.account = pms.resolve_account(accounts_of_books.account)
)
$$;

COMMENT ON FUNCTION pms.accounts_of_books IS
$$The accounts that stand for the books of an account; null and a blank are main

Refuses with:
- 403 when the key is bound to others$$;

CREATE OR REPLACE FUNCTION pms.require_book(
    account text,
    book text,
    is_of_one boolean DEFAULT FALSE
)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF require_book.book IS NULL AND NOT is_of_one THEN
        RETURN pms.require_account(require_book.account);
    END IF;

    RETURN pms.book_account(pms.resolve_account(require_book.account), require_book.book);
END
$$;

COMMENT ON FUNCTION pms.require_book IS
$$What a request about all accounts, an account or a book is about: see pms.book_account

Null: all accounts. A book without an account is one of pms.resolve_account; so is a request that
is_of_one says is about one account. Refuses with:
- 403 when the key is bound to other accounts$$;

CREATE OR REPLACE FUNCTION pms.require_unscoped_key()
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF pms.in_scope('*') IS NOT TRUE THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key is bound to accounts');
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_unscoped_key IS $$Refuse a key that is bound to accounts

For data without an account that affects them all, such as a price. Refuses with:
- 403 when the key is bound to any$$;

CREATE OR REPLACE FUNCTION pms.named_scope(accounts text[])
RETURNS text[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_scope text[] := ARRAY(
        SELECT pms.account_name(s.account)
        FROM unnest(named_scope.accounts) WITH ORDINALITY s (account, place)
        ORDER BY s.place
    );
BEGIN
    IF EXISTS (
        SELECT 1
        FROM unnest(v_scope) s (account)
        WHERE s.account IS NULL
            OR pms.check_account(s.account) IS NOT NULL
    ) THEN
        RAISE SQLSTATE '23514' USING
            MESSAGE = 'account_scope violates api_keys_account_scope_is_names: no name of an account',
            CONSTRAINT = 'api_keys_account_scope_is_names';
    END IF;

    RETURN CASE WHEN named_scope.accounts IS NOT NULL THEN v_scope END;
END
$$;

COMMENT ON FUNCTION pms.named_scope IS $$The accounts to bind a key to, as pms.account_name has them

Null: all. Refuses with:
- 23514 when one is no name of an account$$;
