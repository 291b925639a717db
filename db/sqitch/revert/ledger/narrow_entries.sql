BEGIN;

DROP VIEW pms.converted_entries;

DROP TABLE pms.narrow_entries;

DROP TABLE pms.legs;

DROP SEQUENCE pms.entry_ids;

DROP DOMAIN pms.bounded_decimal, pms.finite_decimal, pms.conversion_rate, pms.entry_cause;

DROP INDEX pms.entries_id_idx;

COMMIT;
