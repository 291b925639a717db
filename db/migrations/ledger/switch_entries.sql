BEGIN;

-- Entries recorded while the ledger was copied.
INSERT INTO pms.legs (account, asset, mode, leg)
SELECT p.account, p.asset, p.mode, p.leg
FROM pms.positions p
UNION
SELECT e.account, e.asset, e.mode, e.leg
FROM pms.entries e
WHERE e.id > (SELECT coalesce(max(n.id), 0) FROM pms.narrow_entries n)
EXCEPT
SELECT l.account, l.asset, l.mode, l.leg
FROM pms.legs l
ORDER BY account, asset, mode, leg;

INSERT INTO pms.narrow_entries
SELECT c.*
FROM pms.converted_entries c
WHERE c.id > (SELECT coalesce(max(n.id), 0) FROM pms.narrow_entries n)
ORDER BY c.id;

SELECT setval('pms.entry_ids', s.last_value, s.is_called)
FROM pms.entries_id_seq s;

-- The entry says which account it is. A foreign key could not follow partitions of the ledger.
ALTER TABLE pms.voids
DROP CONSTRAINT voids_entry_fkey,
DROP COLUMN account,
ADD CONSTRAINT voids_pkey PRIMARY KEY (entry_id);

DROP VIEW pms.converted_entries;

DROP TABLE pms.entries;

ALTER TABLE pms.narrow_entries RENAME TO entries;

ALTER TABLE pms.entries ADD CONSTRAINT entries_pkey PRIMARY KEY USING INDEX narrow_entries_pkey;

ALTER TABLE pms.entries
ADD CONSTRAINT entries_identity_key UNIQUE USING INDEX narrow_entries_identity_key;

ALTER INDEX pms.narrow_entries_leg_idx RENAME TO entries_leg_idx;
ALTER INDEX pms.narrow_entries_order_idx RENAME TO entries_order_idx;
ALTER INDEX pms.narrow_entries_total_idx RENAME TO entries_total_idx;
ALTER INDEX pms.narrow_entries_unconverted_idx RENAME TO entries_unconverted_idx;

ALTER SEQUENCE pms.entry_ids OWNED BY pms.entries.id;

ALTER TABLE pms.positions ADD COLUMN leg_id integer;

UPDATE pms.positions p
SET leg_id = l.leg_id
FROM pms.legs l
WHERE (p.account, p.asset, p.mode, p.leg) = (l.account, l.asset, l.mode, l.leg);

ALTER TABLE pms.positions ALTER COLUMN leg_id SET NOT NULL;

COMMIT;
