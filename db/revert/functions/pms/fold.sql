-- Revert position_manager:functions/pms/fold from pg

BEGIN;

DROP AGGREGATE pms.fold(
    pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamptz
);

COMMIT;
