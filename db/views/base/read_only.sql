CREATE OR REPLACE VIEW pms.read_only AS
SELECT TRUE AS is_read_only;

COMMENT ON VIEW pms.read_only IS $$One row that makes a view over a single table read-only

PostgreSQL treats a view over a single table as updatable, and PostgREST describes it as such,
regardless of grants. The join makes it read-only, at no cost: the planner removes it.$$;

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.read_only TO pms_reader, pms_trader, pms_operator, pms_analyst;
