COMMENT ON TABLE pms.venue_positions IS 'The newest report of the venue about each leg.';
COMMENT ON COLUMN pms.venue_positions.size IS 'Signed: + long, - short, 0 flat.';
COMMENT ON COLUMN pms.venue_positions.mark_price IS
'As reported, else implied by size, average and unrealised PnL.';
COMMENT ON COLUMN pms.venue_positions.seq IS
'Order of the reports of an asset where the venue numbers them, else reported_at.';
COMMENT ON COLUMN pms.venue_positions.unexplained_since IS
'Since when we know of it only by reports, and have no entry; null: we have, or it is flat.';
