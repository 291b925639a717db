SELECT key_id, requests, last_used_at, last_used_from
FROM pms.key_uses
WHERE FALSE;
