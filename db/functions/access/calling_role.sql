CREATE OR REPLACE FUNCTION pms.calling_role()
RETURNS text
LANGUAGE sql
STABLE
RETURN coalesce(nullif(current_setting('role', TRUE), 'none'), session_user);

COMMENT ON FUNCTION pms.calling_role IS $$The role of the caller

Also within a function with the rights of its owner: that of the key, or the one that logged in.$$;
