CREATE OR REPLACE FUNCTION pms.url_decode(literal text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
-- A request that names nothing is spared the subtransaction of a block with EXCEPTION.
STRICT
AS $$
BEGIN
    RETURN (
        SELECT convert_from(
            string_agg(
                CASE
                    WHEN m.part[1] LIKE '\%__' THEN decode(right(m.part[1], 2), 'hex')
                    ELSE convert_to(m.part[1], 'UTF8')
                END,
                '' ORDER BY m.place
            ),
            'UTF8'
        )
        FROM regexp_matches(
            replace(url_decode.literal, '+', ' '), '%[0-9A-Fa-f]{2}|[^%]', 'g'
        ) WITH ORDINALITY m (part, place)
    );
EXCEPTION
    WHEN character_not_in_repertoire THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.url_decode IS $$A text as it was before it was written into a URL

Percent-encoded UTF-8, + for a blank; null when it is not UTF-8.$$;

-- pms.check_request calls it as the role that PostgREST begins with.
GRANT EXECUTE ON FUNCTION pms.url_decode TO pms_anon;

CREATE OR REPLACE FUNCTION pms.unless_blank(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- Nearly all texts begin with a visible character.
RETURN CASE WHEN ascii(literal) > 32 OR literal ~ '[^ \t\n\v\f\r]' THEN literal END;

COMMENT ON FUNCTION pms.unless_blank IS
'A text; null when it is empty or blank, which means absent.';

-- As pms.url_decode.
GRANT EXECUTE ON FUNCTION pms.unless_blank TO pms_anon;

CREATE OR REPLACE FUNCTION pms.drop_blanks(doc jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    IF jsonb_typeof(doc) <> 'object' THEN
        RETURN doc;
    END IF;

    RETURN (
        SELECT coalesce(jsonb_object_agg(m.key, pms.drop_blanks(m.value)), '{}')
        FROM jsonb_each(doc) m
        WHERE jsonb_typeof(m.value) <> 'string'
            OR pms.unless_blank(m.value #>> '{}') IS NOT NULL
    );
END
$$;

COMMENT ON FUNCTION pms.drop_blanks IS
'A message without the members that are blank texts, also in objects within it.';

CREATE OR REPLACE FUNCTION pms.without_blanks(doc jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- Looks for a text that is empty or begins with a blank.
RETURN CASE WHEN doc @? '$.** ? (@ < "!")' THEN pms.drop_blanks(doc) ELSE doc END;

COMMENT ON FUNCTION pms.without_blanks IS $$A message in which what is blank is absent

As pms.drop_blanks, which is called only where there may be something to drop.$$;

CREATE OR REPLACE FUNCTION pms.parse_json(body bytea)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN convert_from(body, 'UTF8')::jsonb;
EXCEPTION
    -- Not UTF-8, not JSON, with a character that jsonb does not take, or nested too deep for it.
    WHEN data_exception OR statement_too_complex THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.parse_json IS 'A message as JSON; null if it is not JSON.';

GRANT EXECUTE ON FUNCTION pms.parse_json TO pms_operator, pms_http_operator;
