SELECT id, type, payload, trace_id, created_at
FROM pms.refused_events
WHERE FALSE;
