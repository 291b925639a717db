CREATE OR REPLACE FUNCTION api.get_caller()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'role', substring(pms.calling_role() FROM '^pms_(?:http_)?(.+?)(?:_bound)?$'),
    'accounts', to_jsonb(pms.account_scope())
)
$$;

COMMENT ON FUNCTION api.get_caller IS $$The role of the caller, and the accounts that it may see

Answers {role, accounts}: reader, trader or operator; null for all accounts. A page shows by it what
the key may do.$$;

GRANT EXECUTE ON FUNCTION api.get_caller TO pms_reader, pms_trader, pms_operator, pms_analyst;
