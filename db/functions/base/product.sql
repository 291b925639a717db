-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.product(numeric) (
    sfunc = numeric_mul,
    stype = numeric,
    initcond = '1'
);

COMMENT ON AGGREGATE pms.product(numeric) IS 'The exact product of a few numbers; 1 of none.';
