CREATE OR REPLACE FUNCTION pms.spelled_trade_side(literal text)
RETURNS text
-- Not SQL, which would be inlined: a long expression costs each statement with it.
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE lower(translate(literal, E' \t\n\r_-', '') COLLATE "C")
        WHEN 'buy' THEN 'buy'
        WHEN 'sell' THEN 'sell'
        WHEN 'b' THEN 'buy'
        WHEN 'bid' THEN 'buy'
        WHEN 'bot' THEN 'buy'
        WHEN 'bought' THEN 'buy'
        WHEN 'buytoopen' THEN 'buy'
        WHEN 'buytoclose' THEN 'buy'
        WHEN 'buytocover' THEN 'buy'
        WHEN 's' THEN 'sell'
        WHEN 'a' THEN 'sell'
        WHEN 'ask' THEN 'sell'
        WHEN 'sld' THEN 'sell'
        WHEN 'sold' THEN 'sell'
        WHEN 'selltoopen' THEN 'sell'
        WHEN 'selltoclose' THEN 'sell'
        WHEN 'sellshort' THEN 'sell'
        WHEN 'sshort' THEN 'sell'
        ELSE literal
    END;
END
$$;

COMMENT ON FUNCTION pms.spelled_trade_side IS
'The side of a fill in the spellings that few venues use; see pms.trade_side.';

CREATE OR REPLACE FUNCTION pms.trade_side(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE lower(literal COLLATE "C")
    WHEN 'buy' THEN 'buy'
    WHEN 'sell' THEN 'sell'
    ELSE pms.spelled_trade_side(literal)
END;

COMMENT ON FUNCTION pms.trade_side IS $$The side of a fill, buy or sell, in the spellings of venues

Any other text comes back as it is, for pms.check_side. A number, long or short is no side of a
fill: what they mean differs from venue to venue.$$;

CREATE OR REPLACE FUNCTION pms.reported_side(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE lower(translate(literal, E' \t\n\r_-', '') COLLATE "C")
    WHEN 'long' THEN 'buy'
    WHEN 'short' THEN 'sell'
    ELSE pms.trade_side(literal)
END;

COMMENT ON FUNCTION pms.reported_side IS
$$The side of an open position in a report, buy or sell, in the spellings of venues

As pms.trade_side, and long or short.$$;

CREATE OR REPLACE FUNCTION pms.spelled_position_side(literal text)
RETURNS text
-- Not SQL, which would be inlined: a long expression costs each statement with it.
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE lower(translate(literal, E' \t\n\r_-', '') COLLATE "C")
        WHEN 'long' THEN 'long'
        WHEN 'short' THEN 'short'
        WHEN 'both' THEN 'net'
        WHEN 'net' THEN 'net'
        WHEN 'oneway' THEN 'net'
        WHEN 'single' THEN 'net'
        WHEN 'l' THEN 'long'
        WHEN 'hedgelong' THEN 'long'
        WHEN 'duallong' THEN 'long'
        WHEN 's' THEN 'short'
        WHEN 'hedgeshort' THEN 'short'
        WHEN 'dualshort' THEN 'short'
        ELSE literal
    END;
END
$$;

COMMENT ON FUNCTION pms.spelled_position_side IS
'The leg that a position_side names in the spellings that few venues use; see pms.position_side.';

CREATE OR REPLACE FUNCTION pms.position_side(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN literal IN ('long', 'short') THEN literal
    ELSE pms.spelled_position_side(literal)
END;

COMMENT ON FUNCTION pms.position_side IS
$$The leg that a position_side names, in the spellings of venues

long or short; net is that of a position in one-way mode. Any other text comes back as it is, to be
refused.$$;

CREATE OR REPLACE FUNCTION pms.reported_leg(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE btrim(literal, E' \t\n\r')
    WHEN '0' THEN 'net'
    WHEN '1' THEN 'long'
    WHEN '2' THEN 'short'
    ELSE pms.position_side(literal)
END;

COMMENT ON FUNCTION pms.reported_leg IS
$$The leg that the mode of a report names: a number of the venue, or as pms.position_side$$;
