-- PostgREST answers a request for this media type with the functions that return it.
CREATE DOMAIN api."text/plain" AS text;  -- noqa: RF05

COMMENT ON DOMAIN api."text/plain" IS  -- noqa: RF05
'Text that is sent as it is, not as JSON.';
