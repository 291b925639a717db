SELECT expires_at, tick_size, quantity_step
FROM pms.instruments
WHERE FALSE;

SELECT alias, asset, created_at
FROM pms.instrument_aliases
WHERE FALSE;

SELECT asset, known_to, kind, multiplier, settlement_currency
FROM pms.former_instruments
WHERE FALSE;

SELECT unknown_instruments
FROM pms.settings
WHERE FALSE;
