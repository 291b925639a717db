BEGIN;

DROP TABLE pms.pinned_accounts;

DROP TABLE pms.shard_buckets;

DROP TABLE pms.shard;

COMMIT;
