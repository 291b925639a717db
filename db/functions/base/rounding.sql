-- numeric's own "/" keeps some 16 significant digits: for large numerators that is too few.
-- div() is exact: the quotient cut off after one more place, which alone decides how a half is
-- rounded. Constant places become constants of the plan.
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
SELECT round(
    div(numerator * ('1e' || (places + 1)::text)::numeric, denominator)
    * ('1e-' || (places + 1)::text)::numeric,
    places
)
$$;

COMMENT ON FUNCTION pms.div_round IS
$$numerator / denominator, rounded half away from zero to that many decimal places

Exact: rounds once. Raises 22012 when denominator is 0.$$;

-- Views run it with the rights of their readers, who lack USAGE on pms and cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.div_round TO pms_reader, pms_trader, pms_operator, pms_analyst;
