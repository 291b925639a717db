-- Deploy position_manager:functions/pms/url_decoded to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.url_decoded(literal text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
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
            replace(url_decoded.literal, '+', ' '), '%[0-9A-Fa-f]{2}|[^%]', 'g'
        ) WITH ORDINALITY m (part, place)
    );
EXCEPTION
    WHEN character_not_in_repertoire THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.url_decoded IS $$A text as it was before it was written into a URL

Percent-encoded UTF-8, + for a blank; null when it is not UTF-8.$$;

COMMIT;
