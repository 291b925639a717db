-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.sum_few(amount numeric) (
    sfunc = numeric_add,
    stype = numeric,
    parallel = safe
);

COMMENT ON AGGREGATE pms.sum_few(numeric) IS $$The sum of a few numbers

As sum(), which sets up a state that pays for many: most groups of legs are a single one, which is
its own sum here.$$;

GRANT EXECUTE ON FUNCTION pms.sum_few(numeric)
TO pms_reader, pms_trader, pms_operator, pms_analyst;
