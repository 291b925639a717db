SELECT account, asset, mode, leg, fees
FROM pms.unconverted_fees
WHERE FALSE;
