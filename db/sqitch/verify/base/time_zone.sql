SELECT time_zone
FROM pms.settings
WHERE FALSE;
