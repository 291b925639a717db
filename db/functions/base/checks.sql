-- One expression each, so that PostgreSQL inlines them into the statement that checks a batch.
CREATE OR REPLACE FUNCTION pms.check_mode(mode text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE WHEN mode NOT IN ('one-way', 'hedge') THEN 'must be one-way or hedge' END;

COMMENT ON FUNCTION pms.check_mode IS
'Why a mode, in lower case, is invalid, or null.';

CREATE OR REPLACE FUNCTION pms.check_side(side text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE WHEN side NOT IN ('buy', 'sell') THEN 'must be buy or sell' END;

COMMENT ON FUNCTION pms.check_side IS
'Why the side of a fill, in lower case, is invalid, or null.';

CREATE OR REPLACE FUNCTION pms.check_printable(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN literal
        ~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]'
        THEN 'must not contain control characters'
END;

COMMENT ON FUNCTION pms.check_printable IS $$Why a text that is shown again is invalid, or null

The control characters of ASCII and ISO 8859 command a terminal; those of bidirectional text change
the order in which a line is read.$$;

CREATE OR REPLACE FUNCTION pms.check_id(id text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN length(id) NOT BETWEEN 1 AND 128 THEN 'must have 1 to 128 characters'
    ELSE pms.check_printable(id)
END;

COMMENT ON FUNCTION pms.check_id IS
'Why an id chosen by a client is invalid, or null.';

CREATE OR REPLACE FUNCTION pms.check_decimal(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN amount IS NULL
        THEN 'must be a decimal, |x| < 10^20, at most 18 fractional digits'
END;

COMMENT ON FUNCTION pms.check_decimal IS
'Why the result of pms.parse_decimal is invalid, or null: null is not a decimal.';

CREATE OR REPLACE FUNCTION pms.check_nonnegative(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN amount IS NULL OR amount < 0
        THEN 'must be a decimal >= 0, < 10^20, at most 18 fractional digits'
END;

COMMENT ON FUNCTION pms.check_nonnegative IS
'As pms.check_decimal, for an amount that must not be negative.';

CREATE OR REPLACE FUNCTION pms.check_price(price numeric, allows_nonpositive boolean)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN price IS NULL OR (price <= 0 AND NOT allows_nonpositive)
        THEN 'must be a decimal > 0, < 10^20, at most 18 fractional digits'
END;

COMMENT ON FUNCTION pms.check_price IS $$As pms.check_decimal, for a price

It is positive, except for the few assets that may trade at zero or less. allows_nonpositive is
evaluated only for a price that needs it: it may be a query.$$;

CREATE OR REPLACE FUNCTION pms.check_positive(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN pms.check_price(amount, FALSE);

COMMENT ON FUNCTION pms.check_positive IS
'As pms.check_decimal, for an amount that must be positive.';

CREATE OR REPLACE FUNCTION pms.check_time(literal text, moment timestamptz)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN literal IS NOT NULL AND moment IS NULL THEN 'must be an ISO 8601 time'
    WHEN moment < '2000-01-01T00:00:00Z'::timestamptz THEN 'must not be before the year 2000'
END;

COMMENT ON FUNCTION pms.check_time IS
$$The objection to what pms.parse_time has read of the time of an event, or null

A time may be absent. One before 2000 is the zero of some clock.$$;

CREATE OR REPLACE FUNCTION pms.check_not_future(moment timestamptz, latest timestamptz)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE WHEN moment > latest THEN 'lies in the future' END;

COMMENT ON FUNCTION pms.check_not_future IS
'The objection to a time after the latest that clocks explain, or null.';

CREATE OR REPLACE FUNCTION pms.objection(reason text, field text, message text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN reason || ' ' || field || ': ' || message;

COMMENT ON FUNCTION pms.objection IS $$One rule of a list: a reason code, a field and a check of it

Null when the check has no message, so that coalesce() of such rules is the first objection.$$;

CREATE OR REPLACE FUNCTION pms.objection_reason(objection text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN split_part(objection, ' ', 1);

COMMENT ON FUNCTION pms.objection_reason IS 'The reason code of an objection.';

CREATE OR REPLACE FUNCTION pms.objection_detail(objection text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr(objection, strpos(objection, ' ') + 1);

COMMENT ON FUNCTION pms.objection_detail IS 'The field of an objection and what is wrong with it.';
