SELECT leg_id, quarter_hour, size, cost, realized, fees_open, fees_close, funding
FROM pms.leg_pnl
WHERE FALSE;

SELECT asset, quarter_hour, size, cost, realized, fees_open, fees_close, funding
FROM pms.asset_pnl
WHERE FALSE;

SELECT leg_id, entered_at, executed_at, entry_id, ordinal, state
FROM pms.leg_pnl_marks
WHERE FALSE;
