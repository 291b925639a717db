BEGIN;

ALTER TABLE pms.portfolio_history DROP COLUMN peak_net_pnl;

DROP TABLE pms.portfolio_history_extent;

COMMIT;
