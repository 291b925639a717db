CREATE OR REPLACE VIEW pms.read_only AS
SELECT TRUE AS is_read_only;

COMMENT ON VIEW pms.read_only IS $$One row that makes a view over a single table read-only

PostgreSQL treats a view over a single table as updatable, and PostgREST describes it as such,
regardless of grants. The join makes it read-only, at no cost: the planner removes it.$$;
