CREATE OR REPLACE FUNCTION pms.exact_decimal(literal text)
RETURNS numeric
-- Not SQL, which would be inlined: a long expression costs each statement with it.
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE
        WHEN length(literal) <= 1000
            AND literal ~ '^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$'
            THEN literal::numeric
    END;
END
$$;

COMMENT ON FUNCTION pms.exact_decimal IS
'The number that a literal of up to 1000 characters writes, in full; null when it writes none.';

CREATE OR REPLACE FUNCTION pms.parse_long_decimal(literal text)
RETURNS numeric
-- As pms.exact_decimal.
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
DECLARE
    v_rounded CONSTANT numeric := round(pms.exact_decimal(literal), 18);
BEGIN
    RETURN CASE WHEN abs(v_rounded) < 1e20 THEN trim_scale(v_rounded) END;
END
$$;

COMMENT ON FUNCTION pms.parse_long_decimal IS
'A decimal that is long, or written with an exponent; see pms.parse_decimal.';

CREATE OR REPLACE FUNCTION pms.parse_decimal(literal text)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    -- What nearly all literals are comes first: in 20 characters the limits cannot be exceeded.
    WHEN length(literal) <= 20 AND literal ~ '^[+-]?[0-9]+\.?[0-9]*$'
        THEN trim_scale(literal::numeric)
    ELSE pms.parse_long_decimal(literal)
END;

COMMENT ON FUNCTION pms.parse_decimal IS $$A finite decimal within the limits of input, or null

Rounded to 18 fractional digits, half away from zero; |x| < 10^20; never NaN, Infinity or an empty
string. Source: accounting.md, "Limits of input". Never raises: one bad literal must not cost a
whole batch.$$;

CREATE OR REPLACE FUNCTION pms.has_more_places(literal text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN pms.parse_decimal(literal) IS NULL THEN FALSE
    ELSE pms.parse_decimal(literal) <> literal::numeric
END;

COMMENT ON FUNCTION pms.has_more_places IS
'Whether pms.parse_decimal rounds a literal: no such amount is taken from a client that writes it.';

CREATE OR REPLACE FUNCTION pms.is_unset(literal text)
RETURNS boolean
-- As pms.exact_decimal.
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce(abs(pms.exact_decimal(literal)) BETWEEN 1.797e308 AND 1.798e308, FALSE);
END
$$;

COMMENT ON FUNCTION pms.is_unset IS
'Whether a literal is the largest double, by which some venues say that an amount is not set.';

CREATE OR REPLACE FUNCTION pms.unless_unset(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- Its first digits are in all spellings; nearly no literal has them.
RETURN CASE WHEN literal LIKE '%79769%' AND pms.is_unset(literal) THEN NULL ELSE literal END;

COMMENT ON FUNCTION pms.unless_unset IS
'The literal of an amount that may be absent; null when it is the double of pms.is_unset.';

CREATE OR REPLACE FUNCTION pms.parse_positive(literal text)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- greatest() passes over null.
RETURN nullif(greatest(pms.parse_decimal(literal), 0), 0);

COMMENT ON FUNCTION pms.parse_positive IS 'As pms.parse_decimal, but null for zero and less.';

CREATE OR REPLACE FUNCTION pms.decimal_text(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN trim_scale(amount)::text;

COMMENT ON FUNCTION pms.decimal_text IS $$An amount as the contract writes it

Plain decimal notation, trailing zeros trimmed, zero is 0. Source: contract.md, "Formats".$$;

GRANT EXECUTE ON FUNCTION pms.decimal_text TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.decimal_json(amount numeric)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN coalesce('"' || trim_scale(amount)::text || '"', 'null');

COMMENT ON FUNCTION pms.decimal_json IS
$$The text of pms.decimal_text as a JSON string, or null$$;

GRANT EXECUTE ON FUNCTION pms.decimal_json
TO pms_reader, pms_trader, pms_operator, pms_analyst, pms_compat;
