-- Revert position_manager:migrations/outbox from pg

BEGIN;

DROP TABLE pms.portfolio_announcement;
DROP TABLE pms.outbox;

COMMIT;
