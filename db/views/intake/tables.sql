COMMENT ON TABLE pms.venue_positions IS 'The newest report of the venue about each leg.';
COMMENT ON COLUMN pms.venue_positions.size IS 'Signed: + long, - short, 0 flat.';
COMMENT ON COLUMN pms.venue_positions.mark_price IS
'As reported, else implied by size, average and unrealized PnL.';
COMMENT ON COLUMN pms.venue_positions.seq IS
'Sequence number of the report, where the venue has one; else reported_at orders them.';
COMMENT ON COLUMN pms.venue_positions.unexplained_since IS
'Since when the venue reports a position that has no entry; null: it has one, or is flat.';
