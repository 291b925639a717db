SELECT account, asset, mode, leg, code, source, detail, raised_at
FROM pms.reviews
WHERE FALSE;
