-- Deploy position_manager:functions/pms/position_legs to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.position_legs(mode text)
RETURNS TABLE (leg text)
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
ROWS 2
AS $$
SELECT k.leg
FROM unnest(
    CASE position_legs.mode
        WHEN 'one-way' THEN ARRAY['net']
        WHEN 'hedge' THEN ARRAY['long', 'short']
    END
) k (leg)
$$;

COMMENT ON FUNCTION pms.position_legs IS 'The legs that a position may have in a mode.';

COMMIT;
