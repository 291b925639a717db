SELECT rejected_retention, rejected_max_bytes, audit_retention, audit_max_bytes
FROM pms.settings
WHERE FALSE;

SELECT digest, bytes
FROM pms.rejected_messages
WHERE FALSE;
