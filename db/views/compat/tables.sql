COMMENT ON SCHEMA compat IS
'Account main as tables for other services of a shared database; empty unless it is turned on.';

GRANT USAGE ON SCHEMA compat TO pms_compat;

COMMENT ON TABLE compat.positions IS
$$The positions of account main, as last compared with the ledger

Fed by the worker four times a second while POSITION_MANAGER_COMPAT is on, otherwise empty. Triggers
replace what another service inserts or updates by the position as it is counted at that moment. The
columns have the meaning of api.positions.$$;

COMMENT ON COLUMN compat.positions.long_avg_price IS
'Quote currency: average entry price of the long leg; null in one-way mode and when it is flat.';

COMMENT ON COLUMN compat.positions.short_avg_price IS
'Quote currency: average entry price of the short leg; null in one-way mode and when it is flat.';

GRANT SELECT, INSERT, UPDATE ON compat.positions TO pms_compat;
