-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE AGGREGATE pms.concat_ids(ids anycompatiblearray) (
    sfunc = array_cat,
    stype = anycompatiblearray
);

COMMENT ON AGGREGATE pms.concat_ids(anycompatiblearray) IS 'Lists of ids as one list.';
