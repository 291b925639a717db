SELECT limit_id, value, utilisation, level, recorded_at
FROM pms.recorded_limits
WHERE FALSE;
