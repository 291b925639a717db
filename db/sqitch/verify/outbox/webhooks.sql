SELECT endpoint, number
FROM pms.webhooks
WHERE FALSE;
