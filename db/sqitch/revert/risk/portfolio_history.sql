BEGIN;

DROP TABLE pms.equity_marks;
DROP TABLE pms.portfolio_history;
DROP TABLE pms.capital;

COMMIT;
