CREATE OR REPLACE FUNCTION pms.account_scope()
RETURNS text[]
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('pms.account_scope', TRUE), ''), ',');

COMMENT ON FUNCTION pms.account_scope IS $$The accounts that who asks is bound to; null: to none

Set by pms.check_request for the transaction of a request.$$;

-- A body that is parsed now serves whoever reads a view, without USAGE on pms; one expression
-- becomes part of the query that asks.
CREATE OR REPLACE FUNCTION pms.in_scope(account text)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        -- Unequal to no: what the planner takes for likely. Taken for rare, as an equality is, it
        -- would have whole tables joined row by row.
        (coalesce(current_setting('pms.account_scope', TRUE), '') = '')::text <> 'false'
        OR in_scope.account = ANY(  -- noqa: RF01, CP03
            string_to_array(current_setting('pms.account_scope', TRUE), ',')
        );
END;

COMMENT ON FUNCTION pms.in_scope IS $$Whether who asks may see what is of an account

True for whoever is bound to none: worker, jobs, command line, analysts and keys without a scope.
For a bound key what is of no account or of all of them ('*') is not in scope: null or false.$$;

-- The views ask it with the rights of whoever reads them.
GRANT EXECUTE ON FUNCTION pms.in_scope TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.require_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- What is no name of an account is for whoever reads it to refuse: it can be in no scope and
    -- there is nothing behind it.
    IF pms.in_scope(account) IS FALSE AND account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key is bound to other accounts');
    END IF;

    RETURN account;
END
$$;

COMMENT ON FUNCTION pms.require_account IS $$The account that a request names, unless it may not

Null stays null: then it is about all that are in scope, see pms.in_scope. Refuses with:
- 403 when the key is bound to others$$;

CREATE OR REPLACE FUNCTION pms.resolve_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_scope text[] := pms.account_scope();
BEGIN
    RETURN pms.require_account(coalesce(
        account, CASE WHEN v_scope[1] = ALL(v_scope) THEN v_scope[1] ELSE 'main' END
    ));
END
$$;

COMMENT ON FUNCTION pms.resolve_account IS $$The one account that a request is about

Null is main, or the only one that the key is bound to. Refuses with:
- 403 when the key is bound to others$$;

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

For what is of no account and changes them all, as a price. Refuses with:
- 403 when the key is bound to any$$;
