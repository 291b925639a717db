-- PostgREST answers a request for this media type with the functions that return it.
CREATE DOMAIN api."text/plain" AS text;

COMMENT ON DOMAIN api."text/plain" IS
'Text that is sent as it is, not as JSON.';

-- With its default handler, PostgREST parses the whole document once more. Over json, so that other
-- media types and SQL see no difference.
CREATE DOMAIN api."application/json" AS json;

COMMENT ON DOMAIN api."application/json" IS
'JSON that is sent as it is.';
