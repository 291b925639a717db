SELECT
    leg_id, quarter_hour, restatement_id, recorded_at, size, cost, realized, fees_open,
    fees_close, funding
FROM pms.restated_pnl
WHERE FALSE;
