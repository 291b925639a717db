SELECT review_reasons
FROM pms.snapshots
WHERE FALSE;
