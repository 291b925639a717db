SELECT b.trace_id, l.clear_level
FROM pms.limit_breaches b
CROSS JOIN pms.limits l
WHERE FALSE;
