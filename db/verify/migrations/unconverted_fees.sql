-- Verify position_manager:migrations/unconverted_fees on pg

SELECT account, asset, mode, leg, fees
FROM pms.unconverted_fees
WHERE FALSE;
