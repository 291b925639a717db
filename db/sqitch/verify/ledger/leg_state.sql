SELECT NULL::pms.leg_state;
