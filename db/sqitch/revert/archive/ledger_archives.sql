BEGIN;

-- Archived entries are in no table.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pms.ledger_archives) THEN
        RAISE 'periods of the ledger are archived: restore them first';
    END IF;
END
$$;

ALTER TABLE pms.checkpoints DROP CONSTRAINT checkpoints_ordinal_not_negative;

ALTER TABLE pms.checkpoints
ADD CONSTRAINT checkpoints_ordinal_positive CHECK (ordinal > 0);

DROP TABLE pms.archived_keys;

DROP TABLE pms.ledger_archives;

COMMIT;
