BEGIN;

-- Only while there is one partition: it becomes the ledger again.
DO $$
BEGIN
    IF (SELECT count(*) > 1 FROM pg_inherits i WHERE i.inhparent = 'pms.entries'::regclass) THEN
        RAISE 'the ledger has several partitions: this release cannot hold them';
    END IF;
END
$$;

-- noqa: disable=PRS
ALTER TABLE pms.entries DETACH PARTITION pms.entries_first;
-- noqa: enable=PRS

ALTER SEQUENCE pms.entry_ids OWNED BY pms.entries_first.id;

DROP TABLE pms.ledger_partitions;

DROP POLICY in_scope ON pms.voids;

DROP TABLE pms.entries;

ALTER TABLE pms.entries_first RENAME TO entries;
ALTER TABLE pms.entries RENAME CONSTRAINT entries_first_pkey TO entries_pkey;
ALTER TABLE pms.entries RENAME CONSTRAINT entries_first_identity_key TO entries_identity_key;
ALTER INDEX pms.entries_first_leg_idx RENAME TO entries_leg_idx;
ALTER INDEX pms.entries_first_order_idx RENAME TO entries_order_idx;
ALTER INDEX pms.entries_first_total_idx RENAME TO entries_total_idx;
ALTER INDEX pms.entries_first_unconverted_idx RENAME TO entries_unconverted_idx;

CREATE POLICY in_scope ON pms.entries AS RESTRICTIVE FOR SELECT TO pms_bound
USING (leg_id IN (SELECT l.leg_id FROM pms.legs l));
CREATE POLICY readable ON pms.entries FOR SELECT USING (TRUE);
ALTER TABLE pms.entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY in_scope ON pms.voids AS RESTRICTIVE FOR SELECT TO pms_bound
USING (EXISTS (SELECT FROM pms.entries e WHERE e.id = voids.entry_id));

COMMIT;
