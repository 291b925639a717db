SELECT reason, subject, detail, began_at, announced_at
FROM pms.service_failures
WHERE FALSE;
