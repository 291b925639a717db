-- Verify position_manager:migrations/types on pg

SELECT NULL::pms.leg_state;

SELECT NULL::pms.outcome;

SELECT NULL::pms.leg_moment;

SELECT NULL::pms.order_applied;

SELECT NULL::pms.order_event;

SELECT NULL::pms.amendment_event;

SELECT NULL::pms.leg_key;

SELECT NULL::pms.entry_void;

SELECT NULL::pms.leg_change;

SELECT NULL::pms.price_event;

SELECT NULL::pms.venue_report;

SELECT NULL::pms.transfer;
