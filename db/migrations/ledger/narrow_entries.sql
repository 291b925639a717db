-- Only adds.
-- The ledger is copied beside its writers: ids up to a horizon are final once the transactions of
-- its time have ended. After a failure it starts again from nothing.

SET client_min_messages = warning;

-- A transaction that holds up the writers longer than this makes the deployment fail instead.
SET lock_timeout = '10s';

BEGIN;

DROP VIEW IF EXISTS pms.converted_entries;
DROP TABLE IF EXISTS pms.narrow_entries, pms.legs;
DROP SEQUENCE IF EXISTS pms.entry_ids;
DROP DOMAIN IF EXISTS
pms.bounded_decimal, pms.finite_decimal, pms.conversion_rate, pms.entry_cause;
DROP INDEX IF EXISTS pms.entries_id_idx;

-- Checked without reading the check again in each statement, as constraints of a table are: with
-- those, a single entry took twelve times as long.
CREATE DOMAIN pms.bounded_decimal AS numeric
CONSTRAINT bounded_decimal_in_range CHECK (abs(value) < 1e20 AND scale(value) <= 18);

CREATE DOMAIN pms.finite_decimal AS numeric
CONSTRAINT finite_decimal_is_finite CHECK (abs(value) < 'Infinity');

CREATE DOMAIN pms.conversion_rate AS numeric
CONSTRAINT conversion_rate_in_range CHECK (value >= 0 AND value < 'Infinity');

CREATE DOMAIN pms.entry_cause AS text
CONSTRAINT entry_cause_is_known
CHECK (value IN ('venue_average', 'venue_size', 'adoption', 'import'));

CREATE TABLE pms.legs (
    leg_id integer GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,

    CONSTRAINT legs_pkey PRIMARY KEY (leg_id),
    CONSTRAINT legs_key UNIQUE (account, asset, mode, leg),
    CONSTRAINT legs_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT legs_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    )
);

CREATE SEQUENCE pms.entry_ids;

-- In the order of alignment. The last columns are null in nearly all entries.
CREATE TABLE pms.narrow_entries (
    id bigint NOT NULL DEFAULT nextval('pms.entry_ids'),
    executed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    version bigint NOT NULL,
    identity_key bigint NOT NULL,
    leg_id integer NOT NULL,
    order_key integer,
    occurrence smallint NOT NULL DEFAULT 0,
    kind "char" NOT NULL,
    scheme "char" NOT NULL,
    source "char" NOT NULL,
    quantity pms.bounded_decimal NOT NULL,
    price pms.bounded_decimal,
    fee pms.bounded_decimal NOT NULL DEFAULT 0,
    identity text NOT NULL,
    order_id text,
    trace_id text,
    fee_currency text,
    fee_native pms.bounded_decimal,
    fee_rate pms.conversion_rate,
    amount pms.finite_decimal,
    realized pms.finite_decimal,
    amends text,
    cause pms.entry_cause,
    counter_account text,

    -- t trade, x transfer, o opening, a adjustment, f funding. With nothing held there may be
    -- something that was earned; of nothing nothing is left to cost.
    CONSTRAINT entries_kind_is_whole CHECK (
        CASE
            WHEN kind IN ('t', 'x')
                THEN quantity <> 0 AND realized IS NULL
                    AND (price IS NOT NULL OR amount IS NOT NULL)
            WHEN kind = 'o'
                THEN fee = 0 AND (price IS NOT NULL OR amount IS NOT NULL)
                    AND (quantity <> 0 OR (realized IS NOT NULL AND amount = 0))
            WHEN kind IN ('a', 'f')
                THEN amount IS NOT NULL AND realized IS NULL
                    AND (kind = 'f' OR (fee = 0 AND (quantity <> 0 OR amount = 0)))
            ELSE FALSE
        END
    )
);

CREATE VIEW pms.converted_entries AS
SELECT
    e.id,
    e.executed_at,
    e.recorded_at,
    e.version,
    hashtextextended(e.identity, hashtextextended(e.account, 0)) AS identity_key,
    l.leg_id,
    (hashtextextended(e.order_id, hashtextextended(e.account, 0)) >> 32)::integer AS order_key,
    0::smallint AS occurrence,
    CASE e.kind
        WHEN 'trade' THEN 't'
        WHEN 'opening' THEN 'o'
        WHEN 'transfer' THEN 'x'
        WHEN 'adjustment' THEN 'a'
        WHEN 'funding' THEN 'f'
    END::"char" AS kind,
    coalesce(s.scheme, '-')::"char" AS scheme,
    CASE e.source
        WHEN 'order_execution' THEN 'e'
        WHEN 'api' THEN 'a'
        WHEN 'venue' THEN 'v'
        WHEN 'validation' THEN 'c'
        WHEN 'import' THEN 'i'
    END::"char" AS source,
    e.quantity,
    e.price,
    e.fee,
    CASE
        WHEN s.scheme IS NULL THEN e.identity
        ELSE substr(e.identity, strpos(e.identity, ':') + 1)
    END AS identity,
    e.order_id,
    e.trace_id,
    e.fee_currency,
    e.fee_native,
    e.fee_rate,
    e.amount,
    e.realized,
    e.amends,
    e.cause,
    e.counter_account
FROM pms.entries e
INNER JOIN pms.legs l
    ON (e.account, e.asset, e.mode, e.leg) = (l.account, l.asset, l.mode, l.leg)
LEFT JOIN (
    VALUES
    ('execution:', 'e'),
    ('order:', 'o'),
    ('event:', 'v'),
    ('fill:', 'l'),
    ('funding:', 'f'),
    ('correction:', 'c'),
    ('transfer:', 'x'),
    ('adjustment:', 'a'),
    ('adoption:', 'p'),
    ('import:', 'i')
) s (prefix, scheme)
    ON left(e.identity, strpos(e.identity, ':')) = s.prefix;

COMMIT;

-- Finds each range of ids, and the entries that are left once the service is paused.
CREATE INDEX CONCURRENTLY entries_id_idx ON pms.entries (id);

-- The copy in the words of the original, to be compared with it.
CREATE TEMPORARY VIEW copied AS
SELECT
    l.account,
    n.id,
    l.asset,
    l.mode,
    l.leg,
    CASE n.kind
        WHEN 't' THEN 'trade'
        WHEN 'o' THEN 'opening'
        WHEN 'x' THEN 'transfer'
        WHEN 'a' THEN 'adjustment'
        WHEN 'f' THEN 'funding'
    END AS kind,
    CASE n.scheme
        WHEN 'e' THEN 'execution:'
        WHEN 'o' THEN 'order:'
        WHEN 'v' THEN 'event:'
        WHEN 'l' THEN 'fill:'
        WHEN 'f' THEN 'funding:'
        WHEN 'c' THEN 'correction:'
        WHEN 'x' THEN 'transfer:'
        WHEN 'a' THEN 'adjustment:'
        WHEN 'p' THEN 'adoption:'
        WHEN 'i' THEN 'import:'
        ELSE ''
    END || n.identity AS identity,
    n.order_id,
    n.quantity,
    n.price,
    n.fee,
    n.fee_currency,
    n.fee_native,
    n.fee_rate,
    n.amount,
    n.realized,
    n.version,
    n.amends,
    n.cause,
    n.counter_account,
    n.executed_at,
    n.recorded_at,
    CASE n.source
        WHEN 'e' THEN 'order_execution'
        WHEN 'a' THEN 'api'
        WHEN 'v' THEN 'venue'
        WHEN 'c' THEN 'validation'
        WHEN 'i' THEN 'import'
    END AS source,
    n.trace_id
FROM pms.narrow_entries n
INNER JOIN pms.legs l ON n.leg_id = l.leg_id;

DO $$
DECLARE
    step CONSTANT bigint := 50000;
    done bigint := 0;
    horizon bigint;
    differs text;
BEGIN
    FOR pass IN 1..2
    LOOP
        LOCK TABLE pms.entries IN SHARE MODE;
        SELECT coalesce(max(e.id), 0) INTO horizon FROM pms.entries e;
        COMMIT;

        WHILE done < horizon
        LOOP
            INSERT INTO pms.legs (account, asset, mode, leg)
            SELECT DISTINCT e.account, e.asset, e.mode, e.leg
            FROM pms.entries e
            WHERE e.id > done AND e.id <= least(done + step, horizon)
            ON CONFLICT ON CONSTRAINT legs_key DO NOTHING;

            INSERT INTO pms.narrow_entries
            SELECT c.*
            FROM pms.converted_entries c
            WHERE c.id > done AND c.id <= least(done + step, horizon)
            ORDER BY c.id;

            COMMIT;
            done := least(done + step, horizon);
        END LOOP;

        IF pass = 1 THEN
            -- Where identities that differ have one key.
            UPDATE pms.narrow_entries n
            SET occurrence = s.occurrence
            FROM (
                SELECT
                    k.id,
                    row_number() OVER (PARTITION BY k.identity_key ORDER BY k.id) - 1 AS occurrence
                FROM pms.narrow_entries k
            ) s
            WHERE n.id = s.id
                AND s.occurrence > 0;

            CREATE UNIQUE INDEX narrow_entries_pkey ON pms.narrow_entries (id) WITH (fillfactor = 100);
            CREATE UNIQUE INDEX narrow_entries_identity_key
            ON pms.narrow_entries (identity_key, occurrence);
            -- With a third column, or one of more bytes, its pages would stay half empty: it is
            -- split where a leg ends only while a key has at most 16 bytes.
            CREATE INDEX narrow_entries_leg_idx ON pms.narrow_entries (leg_id, executed_at);
            -- Two, each entry in one: an execution asks only whether a total has counted it, and
            -- where nobody sends totals that one is empty.
            CREATE INDEX narrow_entries_order_idx ON pms.narrow_entries (order_key)
            WHERE scheme <> 'o' AND order_key IS NOT NULL;
            CREATE INDEX narrow_entries_total_idx ON pms.narrow_entries (order_key)
            WHERE scheme = 'o';
            CREATE INDEX narrow_entries_unconverted_idx ON pms.narrow_entries (leg_id)
            WHERE fee_native IS NOT NULL AND fee_rate IS NULL;
            COMMIT;
        END IF;
    END LOOP;

    -- Nothing is given up for a copy that is not equal to the digit.
    FOR place IN 0..done BY step
    LOOP
        SELECT d.entry
        INTO differs
        FROM (
            SELECT e::text AS entry
            FROM pms.entries e
            WHERE e.id > place AND e.id <= least(place + step, done)
            EXCEPT ALL
            SELECT c::text FROM copied c WHERE c.id > place AND c.id <= place + step
        ) d
        LIMIT 1;
        IF FOUND THEN
            RAISE 'the copy of an entry differs: %', differs;
        END IF;
        COMMIT;
    END LOOP;

    -- Statistics of an empty table would say that it stays empty.
    IF done > 0 THEN
        ANALYZE pms.narrow_entries, pms.legs;
    END IF;
END
$$;
