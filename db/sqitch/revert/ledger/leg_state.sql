BEGIN;

DROP TYPE pms.leg_state;

COMMIT;
