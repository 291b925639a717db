COMMENT ON TABLE pms.transfers IS $$Transfers between accounts as requested

Their effect is in the ledger, one entry on each side. Only this row says which account gave: giving
a short away posts the same entries as receiving a long.$$;
COMMENT ON COLUMN pms.transfers.account IS 'The account that gave.';
COMMENT ON COLUMN pms.transfers.quantity IS 'Unsigned.';
COMMENT ON COLUMN pms.transfers.price IS 'Null: at cost.';
