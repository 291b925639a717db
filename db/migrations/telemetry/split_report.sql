-- Only adds.
BEGIN;

ALTER TABLE pms.worker_reports
DROP CONSTRAINT worker_reports_part_is_known,
ADD CONSTRAINT worker_reports_part_is_known
CHECK (part IN ('ingest', 'relay', 'gateway', 'stream', 'split'));

COMMIT;
