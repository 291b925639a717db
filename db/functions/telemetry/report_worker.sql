CREATE OR REPLACE FUNCTION pms.report_worker(part text, status jsonb)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
INSERT INTO pms.worker_reports (part, status, reported_at)
VALUES (report_worker.part, report_worker.status, clock_timestamp())
ON CONFLICT ON CONSTRAINT worker_reports_pkey DO UPDATE
SET status = excluded.status,
    reported_at = excluded.reported_at
$$;

COMMENT ON FUNCTION pms.report_worker IS $$What a part of the worker says of itself; health reads it

part: ingest, relay, stream, split or gateway (the reader of its log). Raises 23514 for another part.$$;

GRANT EXECUTE ON FUNCTION pms.report_worker TO pms_worker;

CREATE OR REPLACE FUNCTION pms.report_stream(status jsonb)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT pms.report_worker('stream', report_stream.status)
$$;

COMMENT ON FUNCTION pms.report_stream IS
'What the stream says of itself: its role may not speak for another part.';

GRANT EXECUTE ON FUNCTION pms.report_stream TO pms_stream;
