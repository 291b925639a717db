-- PostgREST answers a request for this media type with the functions that return it.
CREATE DOMAIN api."text/plain" AS text;  -- noqa: RF05

COMMENT ON DOMAIN api."text/plain" IS  -- noqa: RF05
'Text that is sent as it is, not as JSON.';

-- With its default handler, PostgREST parses the whole document once more. Over json, so that other
-- media types and SQL see no difference.
CREATE DOMAIN api."application/json" AS json;  -- noqa: RF05

COMMENT ON DOMAIN api."application/json" IS  -- noqa: RF05
'JSON that is sent as it is.';
