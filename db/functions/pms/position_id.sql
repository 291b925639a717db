-- Deploy position_manager:functions/pms/position_id to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.position_id(account text, asset text, mode text)
RETURNS uuid
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT overlay(
    overlay(md5(account || ':' || asset || ':' || mode) PLACING '8' FROM 13) PLACING '8' FROM 17
)::uuid
$$;

COMMENT ON FUNCTION pms.position_id IS $$The id of a position: the same for ever, in every rebuild

A UUID of version 8 (RFC 9562) made of its key; none of the three parts may hold a colon.$$;

COMMIT;
