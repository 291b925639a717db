SELECT session
FROM pms.api_keys
WHERE FALSE;
