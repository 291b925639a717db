-- Revert position_manager:functions/pms/post_voids from pg

BEGIN;

DROP FUNCTION pms.post_voids;

COMMIT;
