BEGIN;

DROP TABLE pms.portfolio_announcement;
DROP TABLE pms.outbox;

COMMIT;
