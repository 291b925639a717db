BEGIN;

DELETE FROM pms.reviews r
WHERE r.code IN ('assumed_instrument', 'off_tick', 'expired');

UPDATE pms.positions p
SET needs_review = FALSE
WHERE p.needs_review
    AND NOT EXISTS (
        SELECT 1
        FROM pms.reviews r
        WHERE (r.account, r.asset, r.mode, r.leg) = (p.account, p.asset, p.mode, p.leg)
    );

ALTER TABLE pms.settings DROP COLUMN unknown_instruments;

ALTER TABLE pms.voids
DROP CONSTRAINT voids_cause_is_known,
ADD CONSTRAINT voids_cause_is_known CHECK (cause IN ('bust', 'correction'));

ALTER TABLE pms.restatements
DROP CONSTRAINT restatements_cause_is_known,
ADD CONSTRAINT restatements_cause_is_known
CHECK (cause IN ('late', 'bust', 'correction', 'restore'));

DROP TABLE pms.former_instruments;

DROP TABLE pms.instrument_aliases;
DROP INDEX pms.instruments_doubtful_idx;

ALTER TABLE pms.instruments
DROP COLUMN expires_at,
DROP COLUMN tick_size,
DROP COLUMN quantity_step;

COMMIT;
