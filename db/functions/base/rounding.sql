-- numeric's own "/" keeps some 16 significant digits: for large numerators that is too few.
-- div() is exact, so the one rounding here is the only one. Constant places become constants of the
-- plan.
CREATE OR REPLACE FUNCTION pms.div_round(
    numerator numeric,
    denominator numeric,
    places integer
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
SELECT sign(numerator) * sign(denominator) * ('1e-' || places::text)::numeric
    * div(
        2 * abs(numerator) + ('1e-' || places::text)::numeric * abs(denominator),
        2 * ('1e-' || places::text)::numeric * abs(denominator)
    )
$$;

COMMENT ON FUNCTION pms.div_round IS
$$numerator / denominator, rounded half away from zero to that many decimal places

Exact: rounds once. Raises 22012 when denominator is 0.$$;

-- Views run it with the rights of their readers, who lack USAGE on pms and cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.div_round TO pms_reader, pms_trader, pms_operator, pms_analyst;
