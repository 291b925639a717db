CREATE OR REPLACE FUNCTION pms.position_id(account text, asset text, mode text)
RETURNS uuid
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT overlay(
    overlay(
        md5(replace(account, ':', '%3A') || ':' || replace(asset, ':', '%3A') || ':' || mode)
        PLACING '8' FROM 13
    )
    PLACING '8' FROM 17
)::uuid
$$;

COMMENT ON FUNCTION pms.position_id IS $$The id of a position: the same forever, in every rebuild

A UUID of version 8 (RFC 9562) made of its key. A : within a name is %3A there: no name has a %.$$;

CREATE OR REPLACE FUNCTION pms.position_legs(mode text)
RETURNS TABLE (leg text)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
ROWS 2
AS $$
SELECT k.leg
FROM unnest(
    CASE position_legs.mode
        WHEN 'one-way' THEN ARRAY['net']
        WHEN 'hedge' THEN ARRAY['long', 'short']
    END
) k (leg)
$$;

COMMENT ON FUNCTION pms.position_legs IS 'The legs that a position may have in a mode.';
