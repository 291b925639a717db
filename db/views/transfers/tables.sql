COMMENT ON TABLE pms.transfers IS $$Transfers between accounts, as they were asked for

What they did is in the ledger, an entry on each side. Which side gave is only here: a short that is
given away moves as a long that is received.$$;
COMMENT ON COLUMN pms.transfers.account IS 'The account that gave.';
COMMENT ON COLUMN pms.transfers.quantity IS 'Not signed.';
COMMENT ON COLUMN pms.transfers.price IS 'Null: at cost.';
