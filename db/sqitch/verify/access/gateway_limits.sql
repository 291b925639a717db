SELECT only_row, applied, applied_at
FROM pms.gateway_limits
WHERE FALSE;
