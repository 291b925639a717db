CREATE OR REPLACE FUNCTION pms.archive_obstacle(partition text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_span pms.ledger_partitions := (
        SELECT p FROM pms.ledger_partitions p WHERE p.partition = archive_obstacle.partition
    );
    v_fees bigint;
    v_conflicts bigint;
    v_closes bigint;
    v_repeats bigint;
    v_restored text;
BEGIN
    CASE
        WHEN v_span.partition IS NULL THEN
            RETURN 'the ledger has no such partition';
        WHEN v_span.since > pms.ledger_begins_at() THEN
            RETURN 'an older partition is archived first';
        WHEN v_span.until > now() - interval '1 day' THEN
            RETURN 'it is not over yet';
        ELSE
    END CASE;

    v_restored := (
        SELECT min(a.partition)
        FROM pms.ledger_archives a
        WHERE a.dropped_at IS NOT NULL
            AND to_regclass(format('pms.%I', a.partition)) IS NOT NULL
    );

    SELECT count(*)
    INTO v_fees
    FROM pms.unconverted_fees u
    CROSS JOIN LATERAL pms.entries_of_leg(u.account, u.asset, u.mode, u.leg) e
    WHERE u.fees > 0
        AND e.fee_native IS NOT NULL
        AND e.fee_rate IS NULL
        AND e.executed_at < v_span.until
        AND NOT EXISTS (SELECT 1 FROM pms.voids v WHERE v.entry_id = e.id);

    SELECT count(*)
    INTO v_conflicts
    FROM pms.conflicts c
    CROSS JOIN LATERAL pms.find_entry(c.account, c.recorded ->> 'identity') e
    WHERE c.status = 'waiting'
        AND e.executed_at < v_span.until;

    SELECT count(*)
    INTO v_closes
    FROM pms.reviews r
    CROSS JOIN LATERAL pms.standing_entry(r.account, r.source) e
    WHERE r.code = 'unknown_close'
        AND e.executed_at < v_span.until;

    SELECT count(*)
    INTO v_repeats
    FROM pms.suspected_repeats s
    WHERE s.status = 'waiting'
        AND coalesce(s.executed_at, s.first_seen_at) < v_span.until;

    RETURN CASE
        WHEN v_restored IS NOT NULL
            THEN format(
                    'the restoration of %1$s has not ended: run it again, or take it back with '
                    'position-manager ledger reopen %1$s', v_restored
                )
        WHEN v_repeats > 0
            THEN v_repeats || ' suspected repeats wait: count or drop them'
        WHEN v_closes > 0
            THEN v_closes || ' closes have no price yet: decide their discrepancies'
        WHEN v_fees > 0
            THEN v_fees || ' fees have no rate yet: send prices of their currencies'
        WHEN v_conflicts > 0
            THEN v_conflicts || ' conflicts are open: settle them'
    END;
END
$$;

COMMENT ON FUNCTION pms.archive_obstacle IS
'What keeps a partition of the ledger from being archived; null: nothing.';

CREATE OR REPLACE FUNCTION pms.require_archive(partition text)
RETURNS pms.ledger_archives
LANGUAGE plpgsql
AS $$
DECLARE
    archive pms.ledger_archives;
BEGIN
    SELECT a.*
    INTO archive
    FROM pms.ledger_archives a
    WHERE a.partition = require_archive.partition
    FOR UPDATE;

    IF NOT FOUND THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = require_archive.partition || ': is neither closed nor archived';
    END IF;
    RETURN archive;
END
$$;

COMMENT ON FUNCTION pms.require_archive IS
$$Lock the archive of a partition, closed or archived, and return it

A step that goes on after its client is gone is waited for. Refuses with:
- 409 when there is none$$;

CREATE OR REPLACE FUNCTION pms.require_no_obstacle(partition text)
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_obstacle CONSTANT text := pms.archive_obstacle(partition);
BEGIN
    IF v_obstacle IS NOT NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': ' || v_obstacle || CASE
                WHEN EXISTS (
                    SELECT 1
                    FROM pms.ledger_archives a
                    WHERE a.partition = require_no_obstacle.partition
                )
                    THEN ', after  position-manager ledger reopen ' || partition
                ELSE ''
            END;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_no_obstacle IS
$$Refuse to archive what cannot be archived now

Refuses with:
- 409 when pms.archive_obstacle has one$$;

CREATE OR REPLACE FUNCTION pms.begin_archive_command(partition text)
RETURNS void
LANGUAGE plpgsql
SET lock_timeout = '5s'
AS $$
BEGIN
    PERFORM pg_advisory_lock(hashtextextended('pms.ledger_archives', 0));
EXCEPTION
    WHEN lock_not_available THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': another command archives or restores; wait until it has ended';
END
$$;

COMMENT ON FUNCTION pms.begin_archive_command IS
$$Let no other session archive or restore until this one ends

The last step of a client that is gone goes on in the server: it is waited for as well. Refuses with:
- 409 when another one does after 5 seconds$$;

CREATE OR REPLACE FUNCTION pms.close_partition(partition text)
RETURNS pms.ledger_archives
LANGUAGE plpgsql
SET lock_timeout = '5s'
AS $$
DECLARE
    archive pms.ledger_archives;
BEGIN
    PERFORM pms.begin_archive_command(partition);
    SELECT a.*
    INTO archive
    FROM pms.ledger_archives a
    WHERE a.partition = close_partition.partition;

    IF archive.dropped_at IS NOT NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': is archived';
    END IF;
    IF archive.partition IS NOT NULL THEN
        RETURN archive;
    END IF;

    -- Nobody decides about an entry meanwhile: see pms.lock_rules.
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
    PERFORM pms.require_no_obstacle(close_partition.partition);

    INSERT INTO pms.ledger_archives (partition, since, until, closed_at)
    SELECT p.partition, p.since, p.until, clock_timestamp()
    FROM pms.ledger_partitions p
    WHERE p.partition = close_partition.partition
    RETURNING * INTO archive;
    RETURN archive;
END
$$;

COMMENT ON FUNCTION pms.close_partition IS
$$Accept no entry any more in a partition of the ledger, nor before, and no change of one

Writers wait for that, not for what follows. Repeated: the same archive. Refuses with:
- 409 when something keeps it from being archived: pms.archive_obstacle$$;

CREATE OR REPLACE FUNCTION pms.require_unchanged(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    counted CONSTANT pms.partition_counts := pms.count_partition(archive.partition);
    v_has_all boolean;
BEGIN
    EXECUTE format(
        $sql$
        SELECT NOT EXISTS (
            SELECT DISTINCT e.leg_id
            FROM pms.%I e
            EXCEPT
            SELECT l.leg_id
            FROM pms.checkpoints c
            INNER JOIN pms.legs l USING (account, asset, mode, leg)
            WHERE c.executed_at < $1 AND c.known_to = 'infinity'
        )
        $sql$,
        archive.partition
    )
    USING archive.until
    INTO v_has_all;

    IF NOT v_has_all
        OR (counted.entries, counted.voids, counted.legs, counted.digest)
        <> (archive.entries, archive.voids, archive.legs, archive.digest)
    THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = format(
                '%1$s: has changed since it was prepared: position-manager ledger reopen %1$s, '
                'then archive it once more', archive.partition
            );
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_unchanged IS
$$Refuse to archive a partition that is not what was prepared

Or of which some leg brings nothing forward. Refuses with:
- 409 then$$;

CREATE OR REPLACE FUNCTION pms.limit_known(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        $sql$
        UPDATE pms.checkpoints c
        SET known_from = t.voided_at
        FROM (
            SELECT l.account, l.asset, l.mode, l.leg, max(v.recorded_at) AS voided_at
            FROM pms.%I e
            INNER JOIN pms.voids v ON v.entry_id = e.id
            INNER JOIN pms.legs l ON e.leg_id = l.leg_id
            GROUP BY l.account, l.asset, l.mode, l.leg
        ) t
        WHERE (c.account, c.asset, c.mode, c.leg) = (t.account, t.asset, t.mode, t.leg)
            AND c.executed_at < $1
            AND c.known_from < t.voided_at
            AND c.known_to = 'infinity'
        $sql$,
        archive.partition
    )
    USING archive.until;
END
$$;

COMMENT ON FUNCTION pms.limit_known IS
$$Say of what legs bring forward that it was known only after the last entry was voided

What counted until then is archived, though another checkpoint may not have depended on it.$$;

CREATE OR REPLACE FUNCTION pms.finish_archive(
    partition text,
    archive_id integer,
    location text,
    manifest_sha256 text
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.require_archive(partition);
BEGIN
    IF archive.archive_id <> finish_archive.archive_id THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': was closed again since its file was written';
    END IF;
    IF archive.prepared_at IS NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': is not prepared';
    END IF;
    IF archive.archived_at IS NOT NULL THEN
        RETURN;
    END IF;
    IF archive.since <> pms.ledger_begins_at() THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': an older partition is archived first';
    END IF;
    PERFORM pms.require_unchanged(archive);

    PERFORM pms.limit_known(archive);
    DELETE FROM pms.ledger_partitions p WHERE p.partition = finish_archive.partition;
    UPDATE pms.ledger_archives a
    SET archived_at = clock_timestamp(),
        archived_by = pg_current_xact_id(),
        location = finish_archive.location,
        manifest_sha256 = finish_archive.manifest_sha256
    WHERE a.archive_id = archive.archive_id;
END
$$;

COMMENT ON FUNCTION pms.finish_archive IS
$$Let the ledger begin after a prepared partition, whose files have been read back

The partition is still there, for those who began to read before. Repeated: nothing. Refuses with:
- 409 when it is not prepared, is not the oldest, or archive_id is that of a former closing$$;

CREATE OR REPLACE FUNCTION pms.await_readers(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    -- Longer than a request may take.
    c_longest CONSTANT interval := interval '1 minute';
    v_began_at CONSTANT timestamptz := clock_timestamp();
    v_reader text;
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        v_reader := (
            SELECT format('%s, process %s', a.usename, a.pid)
            FROM pg_stat_activity a
            WHERE (
                    a.datname = current_database() AND a.backend_type = 'client backend'
                    -- A standby that says what its readers need.
                    OR a.backend_type = 'walsender'
                )
                AND a.pid <> pg_backend_pid()
                AND age(a.backend_xmin) >= age(archive.archived_by::xid)
            ORDER BY a.xact_start
            LIMIT 1
        );
        EXIT WHEN v_reader IS NULL;
        IF clock_timestamp() > v_began_at + c_longest THEN
            RAISE SQLSTATE 'PT409' USING
                MESSAGE = format('%s: %s still reads it', archive.partition, v_reader),
                HINT = 'Archive it once more later: only this step is left.';
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.await_readers IS
$$Wait until nobody reads the ledger any more as it was before an archive

They may have planned with the entries that are archived and not have read them yet. Refuses with:
- 409 after a minute, and who reads$$;

CREATE OR REPLACE FUNCTION pms.drop_archived_partition(partition text)
RETURNS void
LANGUAGE plpgsql
SET lock_timeout = '5s'
AS $$
DECLARE
    archive pms.ledger_archives;
BEGIN
    -- Before the row: who has this lock waits for that one.
    PERFORM pms.begin_archive_command(partition);
    archive := pms.require_archive(partition);
    IF archive.archived_at IS NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': is not archived';
    END IF;
    IF archive.dropped_at IS NOT NULL THEN
        RETURN;
    END IF;

    PERFORM pms.await_readers(archive);
    PERFORM pms.require_unchanged(archive);
    EXECUTE format(
        'DELETE FROM pms.voids v USING pms.%I e WHERE v.entry_id = e.id', archive.partition
    );
    LOCK TABLE pms.entries IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('ALTER TABLE pms.entries DETACH PARTITION pms.%I', archive.partition);
    EXECUTE format('DROP TABLE pms.%I', archive.partition);
    UPDATE pms.ledger_archives a
    SET dropped_at = clock_timestamp()
    WHERE a.archive_id = archive.archive_id;
END
$$;

COMMENT ON FUNCTION pms.drop_archived_partition IS
$$Drop a partition that is archived

Who reads or writes the ledger waits while it is detached. Repeated: nothing. Refuses with:
- 409 when it is not archived, or is still being read$$;
