CREATE OR REPLACE FUNCTION pms.parse_decimal(literal text)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT CASE
    -- What nearly all literals are comes first: in 20 characters the limits cannot be exceeded.
    WHEN length(literal) <= 20 AND literal ~ '^[+-]?[0-9]+\.?[0-9]*$'
        THEN trim_scale(literal::numeric)
    WHEN length(literal) <= 64
        AND (
            literal ~ '^[+-]?[0-9]*\.?[0-9]+$'
            OR literal ~ '^[+-]?[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9][0-9]?)?$'
        )
        THEN CASE
            WHEN abs(literal::numeric) < 1e20 AND scale(trim_scale(literal::numeric)) <= 18
                THEN trim_scale(literal::numeric)
        END
END
$$;

COMMENT ON FUNCTION pms.parse_decimal IS $$A finite decimal within the limits of input, or null

|x| < 10^20, at most 18 fractional digits; never NaN, Infinity or an empty string. Source:
accounting.md, "Limits of input". Never raises: one bad literal must not cost a whole batch.$$;

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

GRANT EXECUTE ON FUNCTION pms.decimal_json TO pms_reader, pms_trader, pms_operator, pms_analyst;
