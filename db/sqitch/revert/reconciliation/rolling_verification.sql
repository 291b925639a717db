BEGIN;

DROP TABLE pms.verification_progress;

DROP TABLE pms.ledger_findings;

DROP TABLE pms.verified_legs;

ALTER TABLE pms.positions DROP COLUMN entered_at;

ALTER TABLE pms.settings DROP COLUMN verification_period;

COMMIT;
