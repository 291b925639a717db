-- The ledger becomes the first partition of itself: no row is read or moved.
SET lock_timeout = '10s';

BEGIN;

ALTER TABLE pms.entries RENAME TO entries_first;
ALTER TABLE pms.entries_first RENAME CONSTRAINT entries_pkey TO entries_first_pkey;
ALTER TABLE pms.entries_first
RENAME CONSTRAINT entries_identity_key TO entries_first_identity_key;
ALTER INDEX pms.entries_leg_idx RENAME TO entries_first_leg_idx;
ALTER INDEX pms.entries_order_idx RENAME TO entries_first_order_idx;
ALTER INDEX pms.entries_total_idx RENAME TO entries_first_total_idx;
ALTER INDEX pms.entries_unconverted_idx RENAME TO entries_first_unconverted_idx;

-- No key: that of a partitioned table would have to contain the moment, and an identity is one
-- whatever its moment. Each partition has the unique indexes of id and identity.
CREATE TABLE pms.entries (LIKE pms.entries_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
PARTITION BY RANGE (executed_at);

CREATE INDEX entries_leg_idx ON pms.entries (leg_id, executed_at);

CREATE INDEX entries_order_idx ON pms.entries (order_key)
WHERE scheme <> 'o' AND order_key IS NOT NULL;

CREATE INDEX entries_total_idx ON pms.entries (order_key)
WHERE scheme = 'o';

CREATE INDEX entries_unconverted_idx ON pms.entries (leg_id)
WHERE fee_native IS NOT NULL AND fee_rate IS NULL;

-- All of time: what a moment must be is known already, so that nothing is checked.
-- noqa: disable=PRS
ALTER TABLE pms.entries ATTACH PARTITION pms.entries_first
FOR VALUES FROM (MINVALUE) TO (MAXVALUE);

ALTER SEQUENCE pms.entry_ids OWNED BY pms.entries.id;

CREATE TABLE pms.ledger_partitions (
    partition text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,

    CONSTRAINT ledger_partitions_pkey PRIMARY KEY (partition),
    CONSTRAINT ledger_partitions_is_a_span CHECK (since < until)
);

INSERT INTO pms.ledger_partitions (partition, since, until)
VALUES ('entries_first', '-infinity', 'infinity');

-- Readers see the ledger, not its partitions.
CREATE POLICY in_scope ON pms.entries AS RESTRICTIVE FOR SELECT TO pms_bound
USING (leg_id IN (SELECT l.leg_id FROM pms.legs l));
CREATE POLICY readable ON pms.entries FOR SELECT USING (TRUE);
ALTER TABLE pms.entries ENABLE ROW LEVEL SECURITY;

DROP POLICY in_scope ON pms.voids;
CREATE POLICY in_scope ON pms.voids AS RESTRICTIVE FOR SELECT TO pms_bound
USING (EXISTS (SELECT FROM pms.entries e WHERE e.id = voids.entry_id));

DROP POLICY in_scope ON pms.entries_first;
DROP POLICY readable ON pms.entries_first;
ALTER TABLE pms.entries_first DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON pms.entries_first FROM pms_reader, pms_trader, pms_operator, pms_analyst;

-- The notes are those of the ledger.
DO $$
DECLARE
    v_column name;
BEGIN
    COMMENT ON TABLE pms.entries_first IS NULL;
    FOR v_column IN
        SELECT a.attname
        FROM pg_attribute a
        WHERE a.attrelid = 'pms.entries_first'::regclass
            AND a.attnum > 0
            AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN pms.entries_first.%I IS NULL', v_column);
    END LOOP;
END
$$;

COMMIT;
