BEGIN;

DROP TABLE pms.leg_pnl_marks;

DROP TABLE pms.asset_pnl;

DROP TABLE pms.leg_pnl;

COMMIT;
