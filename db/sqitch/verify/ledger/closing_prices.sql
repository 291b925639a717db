SELECT closing_price, closing_source
FROM pms.entries
WHERE FALSE;

SELECT account, asset, mode, leg, identity, reported_at, effective_at
FROM pms.estimated_closes
WHERE FALSE;
