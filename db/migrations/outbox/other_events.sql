-- Only adds.
BEGIN;

-- Nearly all events are these two: who reads the others alone need not pass them.
CREATE INDEX event_log_others_idx ON pms.event_log (number)
WHERE type NOT IN ('position_updated', 'portfolio_updated');

COMMIT;
