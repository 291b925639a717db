-- numeric's own "/" keeps some 16 significant digits: for large numerators that is too few.
-- div() is exact, so the one rounding here is the only one.
CREATE OR REPLACE FUNCTION pms.quotient(
    numerator numeric,
    denominator numeric,
    unit numeric
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT sign(numerator) * sign(denominator) * unit
    * div(2 * abs(numerator) + unit * abs(denominator), 2 * unit * abs(denominator))
$$;

COMMENT ON FUNCTION pms.quotient IS
$$numerator / denominator in whole units, rounded half away from zero

unit is the last digit kept, e.g. 0.000000000001 for 12 fractional digits. Exact: rounds once.
Raises 22012 when denominator is 0.$$;

-- Needed by whoever reads the views; without USAGE on pms nobody can call it by name.
GRANT EXECUTE ON FUNCTION pms.quotient TO pms_reader, pms_trader, pms_operator, pms_analyst;
