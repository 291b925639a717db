CREATE OR REPLACE FUNCTION pms.compound(growth numeric, period_return numeric)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN round(growth * greatest(1 + period_return, 0), 30);
END
$$;

COMMENT ON FUNCTION pms.compound IS $$What 1 has become, after one more return

To 30 decimal places. A loss of more than everything leaves nothing.$$;

-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.compounded(period_return numeric) (
    sfunc = pms.compound,
    stype = numeric,
    initcond = '1'
);

COMMENT ON AGGREGATE pms.compounded(numeric) IS $$What 1 becomes by returns, one after the other

A period without a return changes nothing.$$;
