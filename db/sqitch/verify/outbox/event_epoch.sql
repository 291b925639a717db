SELECT 1 / count(*)
FROM pms.event_epoch
WHERE number > 0;
