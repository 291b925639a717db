CREATE OR REPLACE FUNCTION pms.require_dropped(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF archive.dropped_at IS NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = archive.partition || ': is in the ledger';
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_dropped IS
$$Refuse to restore what is still there

Refuses with:
- 409 when the partition has not been dropped$$;

CREATE OR REPLACE FUNCTION pms.take_back_restore(archive pms.ledger_archives)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF to_regclass(format('pms.%I', archive.partition)) IS NULL THEN
        RETURN FALSE;
    END IF;

    EXECUTE format('LOCK TABLE pms.%I IN ACCESS EXCLUSIVE MODE', archive.partition);
    EXECUTE format(
        'DELETE FROM pms.voids v USING pms.%I e WHERE v.entry_id = e.id', archive.partition
    );
    EXECUTE format('DROP TABLE pms.%I', archive.partition);
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.take_back_restore IS
$$Drop what a restoration that has not ended has restored; return whether there was anything

The archive must have been dropped from the ledger.$$;

CREATE OR REPLACE FUNCTION pms.begin_restore(partition text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    archive pms.ledger_archives;
BEGIN
    PERFORM pms.begin_archive_command(partition);
    archive := pms.require_archive(partition);
    PERFORM pms.require_dropped(archive);
    IF EXISTS (SELECT 1 FROM pms.ledger_archives a WHERE a.dropped_at IS NULL) THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': another one is closed; archive or reopen it first';
    END IF;
    IF archive.until <> pms.ledger_begins_at() THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': a newer one is restored first';
    END IF;

    PERFORM pms.take_back_restore(archive);

    EXECUTE format(
        $sql$
        CREATE TABLE pms.%I (
            LIKE pms.entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES,
            PRIMARY KEY (id) WITH (fillfactor = 100),
            UNIQUE (identity_key, occurrence),
            CONSTRAINT entries_in_partition CHECK (executed_at >= %L AND executed_at < %L)
        )
        WITH (autovacuum_freeze_min_age = 0)
        $sql$,
        archive.partition, archive.since, archive.until
    );
END
$$;

COMMENT ON FUNCTION pms.begin_restore IS
$$Make the table of an archived partition beside the ledger, empty

Refuses with:
- 409 when it is not archived, or a newer one is$$;

CREATE OR REPLACE FUNCTION pms.restore_entries(partition text, rows_text text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.require_archive(partition);
    v_entries bigint;
BEGIN
    PERFORM pms.require_dropped(archive);
    IF EXISTS (
        SELECT 1
        FROM jsonb_populate_recordset(NULL::pms.archived_entries, rows_text::jsonb) r
        INNER JOIN pms.entries e ON r.id = e.id
    ) THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': an entry of these is in the ledger';
    END IF;

    EXECUTE format(
        $sql$
        INSERT INTO pms.%I (
            id, executed_at, recorded_at, version, identity_key, leg_id, order_key, occurrence,
            kind, scheme, source, quantity, price, fee, identity, order_id, trace_id, fee_currency,
            fee_native, fee_rate, amount, realized, amends, cause, counter_account, closing_price,
            closing_source, book
        )
        SELECT
            r.id, r.executed_at, r.recorded_at, r.version,
            pms.identity_key(r.account, r.identity), r.leg_id,
            pms.order_key(r.account, r.order_id), r.occurrence, pms.kind_letter(r.kind),
            pms.identity_scheme(r.identity), pms.source_letter(r.source),
            trim_scale(r.quantity), trim_scale(r.price),
            trim_scale(r.fee),
            CASE
                WHEN pms.identity_scheme(r.identity) = '-' THEN r.identity
                ELSE substr(r.identity, strpos(r.identity, ':') + 1)
            END,
            r.order_id, r.trace_id, r.fee_currency, trim_scale(r.fee_native),
            trim_scale(r.fee_rate), trim_scale(r.amount), trim_scale(r.realized),
            r.amends, r.cause, r.counter_account,
            trim_scale(r.closing_price), r.closing_source,
            r.book
        FROM jsonb_populate_recordset(NULL::pms.archived_entries, $1::jsonb) r
        ORDER BY r.leg_id, r.executed_at, r.id
        $sql$,
        archive.partition
    )
    USING rows_text;
    GET DIAGNOSTICS v_entries = ROW_COUNT;

    INSERT INTO pms.voids (entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT r.id, r.void_cause, r.amendment, r.voided_at, r.void_source, r.void_trace_id
    FROM jsonb_populate_recordset(NULL::pms.archived_entries, rows_text::jsonb) r
    WHERE r.void_cause IS NOT NULL;

    RETURN v_entries;
END
$$;

COMMENT ON FUNCTION pms.restore_entries IS
$$Add rows of an archive to the table that pms.begin_restore made; returns how many

rows_text: a JSON array of rows of pms.archived_entries, amounts as texts.$$;

CREATE OR REPLACE FUNCTION pms.require_no_later_book(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_book text;
BEGIN
    EXECUTE format(
        $sql$
        SELECT l.account
        FROM pms.checkpoints c
        INNER JOIN pms.legs l USING (account, asset, mode, leg)
        WHERE c.executed_at >= $1
            AND c.executed_at < $2
            AND NOT EXISTS (SELECT FROM pms.%I e WHERE e.leg_id = l.leg_id)
        LIMIT 1
        $sql$,
        archive.partition
    )
    USING archive.since, archive.until
    INTO v_book;
    IF v_book IS NOT NULL THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = format(
                '%s: the book %s has been divided off since it was archived', archive.partition, v_book
            ),
            HINT = 'Read the archive where it lies.';
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_no_later_book IS
$$Refuse to put a partition back that lacks the entries of a book

The unassigned book of an account that was divided later began with what the account brought
forward. Refuses with:
- 409 and the book$$;

CREATE OR REPLACE FUNCTION pms.require_whole(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    counted CONSTANT pms.partition_counts := pms.count_partition(archive.partition);
BEGIN
    IF (counted.entries, counted.voids) <> (archive.entries, archive.voids) THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = format(
                '%s: %s entries and %s voids were archived, %s and %s are restored',
                archive.partition, archive.entries, archive.voids, counted.entries, counted.voids
            );
    END IF;
    IF (counted.legs, counted.digest) <> (archive.legs, archive.digest) THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = archive.partition || ': what is restored is not what was archived';
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_whole IS
$$Refuse a partition beside the ledger that is not what was archived

Refuses with:
- 409 and what differs$$;

CREATE OR REPLACE FUNCTION pms.finish_restore(partition text)
RETURNS void
LANGUAGE plpgsql
SET lock_timeout = '5s'
AS $$
DECLARE
    archive CONSTANT pms.ledger_archives := pms.require_archive(partition);
BEGIN
    PERFORM pms.require_whole(archive);
    PERFORM pms.require_no_later_book(archive);

    LOCK TABLE pms.entries IN ACCESS EXCLUSIVE MODE;
    IF archive.until <> pms.ledger_begins_at() THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = partition || ': a newer one was archived meanwhile';
    END IF;
    EXECUTE format(
        'ALTER TABLE pms.entries ATTACH PARTITION pms.%I FOR VALUES FROM (%s) TO (%L)',
        archive.partition,
        CASE WHEN isfinite(archive.since) THEN quote_literal(archive.since) ELSE 'MINVALUE' END,
        archive.until
    );
    EXECUTE format('ALTER TABLE pms.%I DROP CONSTRAINT entries_in_partition', archive.partition);
    INSERT INTO pms.ledger_partitions (partition, since, until)
    VALUES (archive.partition, archive.since, archive.until);
    -- Its entries say it again, of those that are all voided.
    DELETE FROM pms.checkpoints c
    WHERE c.executed_at >= archive.since
        AND c.executed_at < archive.until
        AND c.ordinal = 0;
    PERFORM pms.forget_archive(archive.archive_id);
END
$$;

COMMENT ON FUNCTION pms.finish_restore IS
$$Put a restored partition back into the ledger: its period is accepted again

Who reads or writes the ledger waits while it is attached. Refuses with:
- 409 when it is not what was archived, or a book was divided off since$$;
