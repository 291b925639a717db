CREATE OR REPLACE FUNCTION pms.begin_partition(boundary timestamptz)
RETURNS text
LANGUAGE plpgsql
-- Readers and writers of the ledger go first: a later run does it.
SET lock_timeout = '2s'
AS $$
DECLARE
    -- entries_2026_12 for December, entries_2026_12_07 for a week.
    v_name text := 'entries_' || regexp_replace(
        to_char(boundary AT TIME ZONE 'UTC', 'YYYY_MM_DD_HH24MI'), '(_01)?_0000$', ''
    );
    v_former text;
    v_since timestamptz;
BEGIN
    LOCK TABLE pms.entries IN ACCESS EXCLUSIVE MODE;

    SELECT p.partition, p.since
    INTO STRICT v_former, v_since
    FROM pms.ledger_partitions p
    WHERE p.until = 'infinity';

    EXECUTE format('ALTER TABLE pms.entries DETACH PARTITION pms.%I', v_former);
    EXECUTE format(
        'ALTER TABLE pms.entries ATTACH PARTITION pms.%I FOR VALUES FROM (%s) TO (%L)',
        v_former, CASE WHEN isfinite(v_since) THEN quote_literal(v_since) ELSE 'MINVALUE' END,
        boundary
    );
    EXECUTE format(
        'ALTER TABLE pms.%I DROP CONSTRAINT IF EXISTS entries_in_partition', v_former
    );

    EXECUTE format(
        $sql$
        CREATE TABLE pms.%I (
            LIKE pms.entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
            PRIMARY KEY (id) WITH (fillfactor = 100),
            UNIQUE (identity_key, occurrence)
        )
        -- Vacuum freezes it while it fills.
        WITH (autovacuum_freeze_min_age = 0)
        $sql$,
        v_name
    );
    EXECUTE format(
        'ALTER TABLE pms.entries ATTACH PARTITION pms.%I FOR VALUES FROM (%L) TO (MAXVALUE)',
        v_name, boundary
    );

    UPDATE pms.ledger_partitions p SET until = boundary WHERE p.partition = v_former;
    INSERT INTO pms.ledger_partitions (partition, since, until)
    VALUES (v_name, boundary, 'infinity');

    RETURN v_name;
END
$$;

COMMENT ON FUNCTION pms.begin_partition IS
$$Let another partition of the ledger begin at a boundary; returns its name

Entries from boundary on belong to it. The former newest one must have none of them: it is read in
whole to find out, unless the valid constraint entries_in_partition says both bounds. Raises 23514
when it has some, and 55P03 when the ledger is in use for longer than 2 s; nothing has been done
then.$$;

CREATE OR REPLACE FUNCTION pms.next_boundary(bytes bigint, at timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
AS $$
SELECT n.boundary
FROM (
    SELECT (
        date_trunc(u.unit, next_boundary.at AT TIME ZONE 'UTC') + ('1 ' || u.unit)::interval
    ) AT TIME ZONE 'UTC' AS boundary
    FROM (
        SELECT CASE WHEN next_boundary.bytes >= 10 * 2 ^ 30 THEN 'week' ELSE 'month' END AS unit
    ) u
) n
WHERE next_boundary.bytes >= 512 * 2 ^ 20
    AND next_boundary.at
    BETWEEN n.boundary - interval '4 days' AND n.boundary - interval '1 day'
$$;

COMMENT ON FUNCTION pms.next_boundary IS
$$When the next partition of the ledger is to begin, if it is to be made now; null: not yet

bytes: the size of the newest partition, without its indexes. From 512 MiB on, some 2,500,000
entries, it ends with the month (UTC), from 10 GiB on with the week: what finds an entry looks into
every partition, which costs more than it saves while they are small. A partition is made between
four days and one day before it begins: a clock that runs ahead by less than a day writes nothing
into it before.$$;

CREATE OR REPLACE FUNCTION pms.divide_ledger(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
SET lock_timeout = '2s'
AS $$
DECLARE
    c_most CONSTANT integer := 12;
    v_newest text := (
        SELECT p.partition FROM pms.ledger_partitions p WHERE p.until = 'infinity'
    );
    v_boundary timestamptz := (progress ->> 'boundary')::timestamptz;
    v_step pms.job_step;
BEGIN
    CASE coalesce(progress ->> 'step', 'decide')
        WHEN 'decide' THEN
            -- Of a run that did not come to its end: it would refuse what is to come.
            -- Asked before: dropping it waits for all readers, and writers wait behind it.
            IF EXISTS (
                SELECT
                FROM pg_catalog.pg_constraint c
                WHERE c.conrelid = format('pms.%I', v_newest)::regclass
                    AND c.conname = 'entries_in_partition'
            ) THEN
                EXECUTE format(
                    'ALTER TABLE pms.%I DROP CONSTRAINT entries_in_partition', v_newest
                );
            END IF;

            v_boundary := pms.next_boundary(
                pg_relation_size(format('pms.%I', v_newest)::regclass), now()
            );
            IF v_boundary IS NULL THEN
                v_step.done := 'nothing to do';
            ELSIF (SELECT count(*) >= c_most FROM pms.ledger_partitions) THEN
                v_step.done := 'there are twelve partitions: the newest one grows on';
            ELSE
                v_step.progress := jsonb_build_object(
                    'step', 'constrain', 'boundary', v_boundary
                );
            END IF;
        WHEN 'constrain' THEN
            EXECUTE format(
                $sql$
                ALTER TABLE pms.%1$I
                DROP CONSTRAINT IF EXISTS entries_in_partition,
                ADD CONSTRAINT entries_in_partition
                CHECK (executed_at >= %2$L AND executed_at < %3$L) NOT VALID
                $sql$,
                v_newest,
                (SELECT p.since FROM pms.ledger_partitions p WHERE p.partition = v_newest),
                v_boundary
            );
            v_step.progress := progress || '{"step": "validate"}';
        WHEN 'validate' THEN
            -- In a step of its own: it reads the partition, and no writer waits for it.
            EXECUTE format(
                'ALTER TABLE pms.%I VALIDATE CONSTRAINT entries_in_partition', v_newest
            );
            v_step.progress := progress || '{"step": "divide"}';
        WHEN 'divide' THEN
            v_step.done := 'added ' || pms.begin_partition(v_boundary);
    END CASE;

    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.divide_ledger IS
$$Make the next partition of the ledger when the newest one is large enough: a job

Its steps: a constraint that the newest partition has nothing outside its bounds, its validation,
the division. At most twelve partitions. Raises 55P03 when the ledger is in use for longer than 2 s;
the next run starts over.$$;
