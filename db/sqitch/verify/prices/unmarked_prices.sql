SELECT is_marked, seen_before
FROM pms.prices
WHERE FALSE;

SELECT price_event_interval
FROM pms.settings
WHERE FALSE;
