BEGIN;

DROP TABLE pms.leg_pnl_marks, pms.asset_pnl, pms.leg_pnl;

COMMIT;
