CREATE OR REPLACE FUNCTION pms.count_partition(partition text)
RETURNS pms.partition_counts
LANGUAGE plpgsql
STABLE
-- Times and numbers are hashed as texts.
SET timezone = 'UTC'
SET datestyle = 'ISO'
AS $$
DECLARE
    counted pms.partition_counts;
BEGIN
    EXECUTE format(
        $sql$
        SELECT
            count(*), count(v.entry_id), count(DISTINCT e.leg_id),
            coalesce(
                sum(hashtextextended((
                    e.id, e.executed_at, e.recorded_at, e.version, e.identity_key, e.leg_id,
                    e.order_key, e.occurrence, e.kind, e.scheme, e.source,
                    trim_scale(e.quantity), trim_scale(e.price), trim_scale(e.fee), e.identity,
                    e.order_id, e.trace_id, e.fee_currency, trim_scale(e.fee_native),
                    trim_scale(e.fee_rate), trim_scale(e.amount), trim_scale(e.realized),
                    e.amends, e.cause, e.counter_account, trim_scale(e.closing_price),
                    e.closing_source, e.book,
                    v.cause, v.amendment, v.recorded_at, v.source, v.trace_id
                )::text, 0)::numeric),
                0
            )
        FROM pms.%I e
        LEFT JOIN pms.voids v ON v.entry_id = e.id
        $sql$,
        partition
    )
    INTO counted.entries, counted.voids, counted.legs, counted.digest;
    RETURN counted;
END
$$;

COMMENT ON FUNCTION pms.count_partition IS
$$What a partition of the ledger holds, with what voided its entries

Beside the ledger or within it. 1.0 is 1: a restored number has no trailing zeros. Of the columns
that an archive has: those that are added later change no digest.$$;

CREATE OR REPLACE FUNCTION pms.sum_archived_pnl(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_leg pms.positions;
BEGIN
    -- Both would add what is lacking.
    PERFORM pg_advisory_xact_lock(pms.job_lock('sum_pnl'));

    FOR v_leg IN
        SELECT (u.leg).*
        FROM pms.unread_legs u
        WHERE EXISTS (
                SELECT 1
                FROM pms.entries e
                WHERE e.leg_id = u.leg_id
                    AND e.executed_at < archive.until
            )
            -- See pms.archived_pnl: what it takes from its account ends with this partition.
            OR NOT EXISTS (SELECT 1 FROM pms.leg_pnl_marks m WHERE m.leg_id = u.leg_id)
    LOOP
        PERFORM pms.store_pnl(pms.unread_pnl(v_leg), pms.is_book(v_leg.account));
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.sum_archived_pnl IS
'Sum what the entries of a partition changed, where pms.sum_pnl has not reached it.';

CREATE OR REPLACE FUNCTION pms.save_closing_checkpoints(archive pms.ledger_archives)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_saved bigint;
BEGIN
    EXECUTE format(
        $sql$
        INSERT INTO pms.checkpoints (
            account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
            recorded_at, state
        )
        SELECT
            l.account, l.asset, l.mode, l.leg, b.executed_at, b.entry_id,
            greatest(h.recorded_at, h.known_from, t.recorded_at, t.voided_at), h.ordinal,
            coalesce(h.version, t.version), coalesce(h.recorded_at, t.recorded_at), h.state
        FROM (
            SELECT
                e.leg_id, max(v.recorded_at) AS voided_at, max(e.recorded_at) AS recorded_at,
                max(e.version) AS version, max(e.executed_at) AS executed_at, max(e.id) AS id
            FROM pms.%I e
            LEFT JOIN pms.voids v ON v.entry_id = e.id
            GROUP BY e.leg_id
        ) t
        INNER JOIN pms.legs l ON t.leg_id = l.leg_id
        CROSS JOIN LATERAL pms.leg_state_at(l.account, l.asset, l.mode, l.leg, $1) h
        -- A leg whose entries are all voided brings forward that it is empty.
        CROSS JOIN LATERAL (
            SELECT
                CASE WHEN h.ordinal > 0 THEN h.executed_at ELSE t.executed_at END AS executed_at,
                CASE WHEN h.ordinal > 0 THEN h.entry_id ELSE t.id END AS entry_id
        ) b
        WHERE NOT EXISTS (
                SELECT 1
                FROM pms.checkpoints c
                WHERE (c.account, c.asset, c.mode, c.leg, c.executed_at, c.entry_id)
                    = (l.account, l.asset, l.mode, l.leg, b.executed_at, b.entry_id)
                    AND c.known_to = 'infinity'
            )
        $sql$,
        archive.partition
    )
    USING archive.until - interval '1 microsecond';
    GET DIAGNOSTICS v_saved = ROW_COUNT;
    RETURN v_saved;
END
$$;

COMMENT ON FUNCTION pms.save_closing_checkpoints IS
'Save what each leg of a partition brings forward from it, where no checkpoint has it.';

CREATE OR REPLACE FUNCTION pms.forget_covered_checkpoints(archive pms.ledger_archives)
RETURNS void
LANGUAGE sql
AS $$
DELETE FROM pms.checkpoints c
WHERE c.executed_at >= (forget_covered_checkpoints.archive).since
    AND c.executed_at < (forget_covered_checkpoints.archive).until
    AND (
        c.known_to < 'infinity'
        OR EXISTS (
            SELECT 1
            FROM pms.checkpoints n
            WHERE (n.account, n.asset, n.mode, n.leg) = (c.account, c.asset, c.mode, c.leg)
                AND (n.executed_at, n.entry_id) > (c.executed_at, c.entry_id)
                AND n.executed_at < (forget_covered_checkpoints.archive).until
                AND n.known_to = 'infinity'
        )
    )
$$;

COMMENT ON FUNCTION pms.forget_covered_checkpoints IS
'Forget the checkpoints in a period that is archived, but for the last one of each leg.';

CREATE OR REPLACE FUNCTION pms.keep_archived_keys(archive pms.ledger_archives)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        $sql$
        WITH key AS (
            SELECT DISTINCT 'i'::"char" AS kind, e.identity_key AS key
            FROM pms.%1$I e
            UNION ALL
            SELECT DISTINCT
                'f'::"char",
                pms.fill_key(e.identity_key, l.asset, l.leg, e.quantity)
            FROM pms.%1$I e
            INNER JOIN pms.legs l ON e.leg_id = l.leg_id
            WHERE e.kind = 't'
            UNION ALL
            SELECT
                CASE WHEN bool_or(e.scheme = 'o') THEN 't' ELSE 'o' END::"char",
                pms.order_hash(l.account, e.order_id)
            FROM pms.%1$I e
            INNER JOIN pms.legs l ON e.leg_id = l.leg_id
            WHERE e.order_id IS NOT NULL
            GROUP BY 2
        )

        INSERT INTO pms.archived_keys (archive_id, kind, first_key, keys)
        SELECT $1, n.kind, min(n.key), array_agg(n.key ORDER BY n.key)
        FROM (
            SELECT k.*, row_number() OVER (PARTITION BY k.kind ORDER BY k.key) AS place
            FROM key k
        ) n
        GROUP BY n.kind, (n.place - 1) / 200
        ORDER BY n.kind, 3
        $sql$,
        archive.partition
    )
    USING archive.archive_id;
END
$$;

COMMENT ON FUNCTION pms.keep_archived_keys IS
'Keep the identities and orders of a partition that must not count again.';

CREATE OR REPLACE FUNCTION pms.prepare_archive(partition text)
RETURNS pms.ledger_archives
LANGUAGE plpgsql
AS $$
DECLARE
    archive pms.ledger_archives := pms.require_archive(partition);
    counted pms.partition_counts;
BEGIN
    IF archive.prepared_at IS NOT NULL THEN
        RETURN archive;
    END IF;

    PERFORM pms.require_no_obstacle(archive.partition);
    -- It deletes checkpoints that others make needless.
    PERFORM pg_advisory_xact_lock(pms.job_lock('thin_checkpoints'));
    counted := pms.count_partition(archive.partition);
    PERFORM pms.sum_archived_pnl(archive);
    PERFORM pms.save_closing_checkpoints(archive);
    PERFORM pms.forget_covered_checkpoints(archive);
    PERFORM pms.keep_archived_keys(archive);

    UPDATE pms.ledger_archives a
    SET prepared_at = clock_timestamp(),
        entries = counted.entries,
        voids = counted.voids,
        legs = counted.legs,
        digest = counted.digest
    WHERE a.archive_id = archive.archive_id
    RETURNING a.* INTO archive;
    RETURN archive;
END
$$;

COMMENT ON FUNCTION pms.prepare_archive IS
$$Keep of a closed partition what the service needs of it later, and count it

The changes of PnL, what each leg brings forward, and the identities and orders that must not count
again. Nobody waits for it. Repeated: nothing. Refuses with:
- 409 when it is not closed, or something has come up that keeps it from being archived$$;
