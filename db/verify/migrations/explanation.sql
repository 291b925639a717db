-- Verify position_manager:migrations/explanation on pg

SELECT NULL::pms.explained_entry;

SELECT NULL::pms.cycle_flow;

SELECT NULL::pms.leg_cycle;

SELECT NULL::pms.open_lot;
