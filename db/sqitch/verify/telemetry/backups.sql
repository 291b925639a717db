SELECT id, taken_at, recorded_at, is_verified, stored_in, size_bytes
FROM pms.backups
WHERE FALSE;
