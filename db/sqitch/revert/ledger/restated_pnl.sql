BEGIN;

DROP TABLE pms.restated_pnl;

COMMIT;
