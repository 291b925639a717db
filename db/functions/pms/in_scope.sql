-- Deploy position_manager:functions/pms/in_scope to pg
-- requires: migrations/schemas

BEGIN;

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

COMMIT;
