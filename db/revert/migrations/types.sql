-- Revert position_manager:migrations/types from pg

BEGIN;

DROP TYPE pms.transfer;
DROP TYPE pms.venue_report;
DROP TYPE pms.price_event;
DROP TYPE pms.leg_change;
DROP TYPE pms.entry_void;
DROP TYPE pms.leg_key;
DROP TYPE pms.amendment_event;
DROP TYPE pms.order_event;
DROP TYPE pms.order_applied;
DROP TYPE pms.leg_moment;
DROP TYPE pms.outcome;
DROP TYPE pms.leg_state;

COMMIT;
