COMMENT ON TABLE pms.snapshots IS $$What a position was at a moment, for analytics and training

A position has one snapshot of a moment at most. By months, in UTC, so that forgetting one is
dropping a table. The columns are those of api.positions, every field of the API among them: what
the contract calls snapshot_data is made of these when it is asked for, by pms.position_json: kept
beside them it would take three times the room (1,253 bytes a row instead of 398, of the index 80),
to spare a reader 12 microseconds a row.$$;
COMMENT ON COLUMN pms.snapshots.created_at IS
'The moment; the same for all that are taken in one run.';
COMMENT ON COLUMN pms.snapshots.position_created_at IS 'When we first knew of the position.';
