-- Deploy position_manager:functions/pms/outbox_depth to pg
-- requires: migrations/outbox

BEGIN;

CREATE OR REPLACE FUNCTION pms.outbox_depth()
RETURNS bigint
LANGUAGE sql
STABLE
AS $$
-- The relay deletes from the front: what lies between the ends is about what waits. A few are
-- counted, for there are gaps; a flood must not make health slow.
SELECT CASE
    WHEN e.span <= 10000 THEN (SELECT count(*) FROM pms.outbox)
    ELSE e.span
END
FROM (
    SELECT coalesce(max(o.sequence) - min(o.sequence) + 1, 0) AS span
    FROM pms.outbox o
) e
$$;

COMMENT ON FUNCTION pms.outbox_depth IS $$How many events wait for the broker

Exact up to 10000, beyond that at most so many.$$;

COMMIT;
