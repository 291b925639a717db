CREATE OR REPLACE VIEW pms.read_only AS
SELECT TRUE AS is_read_only;

COMMENT ON VIEW pms.read_only IS $$One row, to be joined by a view of one table

PostgreSQL takes such a view for one that can be written through, and PostgREST describes it so,
whatever the grants. Joined to this it is for reading only. The planner drops it: it costs nothing.$$;
