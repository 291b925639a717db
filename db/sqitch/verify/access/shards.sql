SELECT
    shard,
    map_version,
    set_at
FROM pms.shard
WHERE FALSE;

SELECT
    bucket,
    shard
FROM pms.shard_buckets
WHERE FALSE;

SELECT
    account,
    shard
FROM pms.pinned_accounts
WHERE FALSE;
