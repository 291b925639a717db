-- Revert position_manager:migrations/explanation from pg

BEGIN;

DROP TYPE pms.open_lot;
DROP TYPE pms.leg_cycle;
DROP TYPE pms.cycle_flow;
DROP TYPE pms.explained_entry;

COMMIT;
