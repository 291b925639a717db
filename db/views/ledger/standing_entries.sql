CREATE OR REPLACE VIEW pms.standing_entries AS
SELECT e.*
FROM pms.ledger_entries e
WHERE NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.entry_id = e.id
    );

COMMENT ON VIEW pms.standing_entries IS $$The entries that count: all but the voided ones

Has the columns of pms.ledger_entries.$$;
