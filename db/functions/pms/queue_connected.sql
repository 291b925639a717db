-- Deploy position_manager:functions/pms/queue_connected to pg
-- requires: migrations/worker_reports
-- requires: migrations/settings

BEGIN;

CREATE OR REPLACE FUNCTION pms.queue_connected()
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT count(*) = 2
FROM pms.worker_reports r
CROSS JOIN pms.settings s
WHERE r.part IN ('ingest', 'relay')
    AND r.reported_at > clock_timestamp() - s.worker_silence_limit
    AND r.status -> 'queue_connected' = 'true'
$$;

COMMENT ON FUNCTION pms.queue_connected IS $$Whether both parts of the worker say they are connected

A part that has been silent for longer than worker_silence_limit does not count.$$;

COMMIT;
