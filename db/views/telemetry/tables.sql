COMMENT ON TABLE pms.rejected_messages IS
'Rejected messages as received, with the reason.';
COMMENT ON COLUMN pms.rejected_messages.bytes IS 'The size of the whole message.';
COMMENT ON COLUMN pms.rejected_messages.digest IS 'sha256 of the whole message.';
COMMENT ON COLUMN pms.rejected_messages.body IS
'The bytes received, which need not be JSON or text; of an unreadable message the first 4 kB.';

COMMENT ON TABLE pms.worker_reports IS
'The newest report of each part of the worker.';

COMMENT ON TABLE pms.backups IS
'Backups of the database, recorded by the program that made them.';
COMMENT ON COLUMN pms.backups.taken_at IS
'Everything committed before this time is in the backup.';
COMMENT ON COLUMN pms.backups.is_verified IS
'Whether the backup was restored and compared with what was backed up.';

COMMENT ON TABLE pms.table_sizes IS $$The size of each table, a row for each day (UTC)

With its partitions, indexes and TOAST; of a partitioned table one row.$$;

COMMENT ON TABLE pms.service_failures IS $$What of the service fails, by reason and subject

See pms.watch_service. Deleted when it is over.$$;
COMMENT ON COLUMN pms.service_failures.subject IS 'The part or the job; empty: the whole service.';
COMMENT ON COLUMN pms.service_failures.announced_at IS
'When service_failed was published; null: it has not lasted long enough.';
