SELECT
    archive_id,
    partition,
    since,
    until
FROM pms.ledger_archives
WHERE FALSE;

SELECT
    archive_id,
    kind,
    first_key,
    keys
FROM pms.archived_keys
WHERE FALSE;
