-- Deploy position_manager:functions/pms/account_scope to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.account_scope()
RETURNS text[]
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('pms.account_scope', TRUE), ''), ',');

COMMENT ON FUNCTION pms.account_scope IS $$The accounts that who asks is bound to; null: to none

Set by pms.check_request for the transaction of a request.$$;

COMMIT;
