COMMENT ON TABLE pms.snapshots IS $$Positions at points in time, for analytics and training

At most one snapshot per position and moment. Partitioned by month (UTC), so that retention drops a
table. The columns are those of api.positions. pms.position_json builds the contract's snapshot_data
from them on reading: stored beside them it would triple the row (1,253 bytes instead of 398, 80 of
them in the index) to save a reader 12 microseconds a row.$$;
COMMENT ON COLUMN pms.snapshots.created_at IS
'The moment; one for all snapshots of a run.';
COMMENT ON COLUMN pms.snapshots.position_created_at IS 'When the position was first recorded.';

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.snapshots TO pms_reader, pms_trader, pms_operator, pms_analyst;
