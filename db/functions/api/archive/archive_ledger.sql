CREATE OR REPLACE FUNCTION api.get_ledger_periods()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'begins_at', pms.time_text(nullif(pms.ledger_begins_at(), '-infinity')),
    'periods', coalesce(jsonb_agg(to_jsonb(n) ORDER BY n.place), '[]')
)
FROM (
    SELECT
        p.until AS place, p.partition,
        pms.time_text(nullif(p.since, '-infinity')) AS since,
        pms.time_text(nullif(p.until, 'infinity')) AS until,
        CASE WHEN a.partition IS NULL THEN 'open' ELSE 'closed' END AS state,
        pms.archive_obstacle(p.partition) AS obstacle,
        a.entries,
        pg_catalog.pg_total_relation_size(format('pms.%I', p.partition)::regclass) AS bytes,
        NULL AS location,
        NULL AS manifest_sha256,
        NULL AS archived_at
    FROM pms.ledger_partitions p
    LEFT JOIN pms.ledger_archives a ON p.partition = a.partition
    UNION ALL
    SELECT
        a.until, a.partition,
        pms.time_text(nullif(a.since, '-infinity')),
        pms.time_text(a.until),
        CASE WHEN a.dropped_at IS NULL THEN 'dropping' ELSE 'archived' END, NULL, a.entries,
        pg_catalog.pg_total_relation_size(
            pg_catalog.to_regclass(format('pms.%I', a.partition))
        ),
        a.location, a.manifest_sha256,
        pms.time_text(a.archived_at)
    FROM pms.ledger_archives a
    WHERE a.archived_at IS NOT NULL
) n
$$;

COMMENT ON FUNCTION api.get_ledger_periods IS
$$The partitions of the ledger and its archives, oldest first

begins_at: since when the ledger has entries; null: since ever. state: open; closed, about to be
archived; dropping, archived and still read; archived. obstacle: why it cannot be archived now.
bytes: with indexes, in the database, while it is there. On the command line only.$$;

GRANT EXECUTE ON FUNCTION api.get_ledger_periods TO pms_operator;

CREATE OR REPLACE FUNCTION api.close_ledger_partition(partition text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.close_partition(partition);
BEGIN
    PERFORM pms.audit_command(
        'close_ledger_partition', jsonb_build_object('partition', partition)
    );
    RETURN jsonb_build_object(
        'partition', archive.partition,
        'archive_id', archive.archive_id,
        'since', pms.time_text(nullif(archive.since, '-infinity')),
        'until', pms.time_text(archive.until),
        'closed_at', pms.time_text(archive.closed_at)
    );
END
$$;

COMMENT ON FUNCTION api.close_ledger_partition IS
$$Accept no entries before the end of a partition of the ledger; answers which one it is

{partition, archive_id, since, until, closed_at}. The first step of its archive, undone by
api.reopen_ledger_partition. Repeated: the same. On the command line only. Refuses with:
- 409 when it is not the oldest, is not over, has something to settle, or is archived$$;

GRANT EXECUTE ON FUNCTION api.close_ledger_partition TO pms_operator;

CREATE OR REPLACE FUNCTION api.prepare_ledger_archive(partition text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.prepare_archive(partition);
BEGIN
    PERFORM pms.audit_command(
        'prepare_ledger_archive', jsonb_build_object('partition', partition)
    );
    RETURN jsonb_build_object(
        'entries', archive.entries,
        'voids', archive.voids,
        'legs', archive.legs
    );
END
$$;

COMMENT ON FUNCTION api.prepare_ledger_archive IS
$$Keep what the service needs of a closed partition once it is gone; answers what it holds

{entries, voids, legs}. See pms.prepare_archive. Repeated: the same. On the command line only.
Refuses with:
- 409 when it is not closed, or something has come up that is to be settled$$;

GRANT EXECUTE ON FUNCTION api.prepare_ledger_archive TO pms_operator;

CREATE OR REPLACE FUNCTION api.finish_ledger_archive(
    partition text,
    archive_id integer,
    location text,
    manifest_sha256 text
)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.finish_archive(partition, archive_id, location, manifest_sha256);
    PERFORM pms.audit_command(
        'finish_ledger_archive',
        jsonb_build_object(
            'partition', partition, 'location', location, 'manifest_sha256', manifest_sha256
        )
    );
END
$$;

COMMENT ON FUNCTION api.finish_ledger_archive IS
$$Let the ledger begin after a partition whose archive has been written and read back

archive_id: of the closing whose entries were written; location: of its folder. Repeated:
nothing. On the command line only. Refuses with:
- 409 when it is not prepared, is not the oldest, has changed, or was closed again since$$;

GRANT EXECUTE ON FUNCTION api.finish_ledger_archive TO pms_operator;

CREATE OR REPLACE FUNCTION api.drop_archived_partition(partition text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.drop_archived_partition(partition);
    PERFORM pms.audit_command(
        'drop_archived_partition', jsonb_build_object('partition', partition)
    );
END
$$;

COMMENT ON FUNCTION api.drop_archived_partition IS
$$Drop the rows of a partition that is archived

The last step: waits for those who read it. Repeated: nothing. On the command line only. Refuses
with:
- 409 when it is not archived, has changed, or is still being read after a minute$$;

GRANT EXECUTE ON FUNCTION api.drop_archived_partition TO pms_operator;

CREATE OR REPLACE FUNCTION api.reopen_ledger_partition(partition text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.require_archive(partition);
BEGIN
    IF archive.dropped_at IS NOT NULL THEN
        IF NOT pms.take_back_restore(archive) THEN
            RAISE SQLSTATE 'PT409' USING
                MESSAGE = partition || ': is archived; restore it';
        END IF;
        PERFORM pms.audit_command(
            'reopen_ledger_partition', jsonb_build_object('partition', partition)
        );
        RETURN;
    END IF;
    IF archive.archived_at IS NOT NULL THEN
        PERFORM pms.require_no_later_book(archive);
        INSERT INTO pms.ledger_partitions (partition, since, until)
        VALUES (archive.partition, archive.since, archive.until);
    END IF;
    PERFORM pms.forget_archive(archive.archive_id);
    PERFORM pms.audit_command(
        'reopen_ledger_partition', jsonb_build_object('partition', partition)
    );
END
$$;

COMMENT ON FUNCTION api.reopen_ledger_partition IS
$$Accept entries in a partition again that is closed, or archived and not dropped yet

Of one that is archived, a restoration that has not ended is taken back instead.

On the command line only. Refuses with:
- 409 when it is not closed, has been dropped, or a book was divided off since$$;

GRANT EXECUTE ON FUNCTION api.reopen_ledger_partition TO pms_operator;
