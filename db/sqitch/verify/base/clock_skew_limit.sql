SELECT 1 / count(*)
FROM pg_catalog.pg_constraint
WHERE conname = 'settings_clock_skew_is_a_day_at_most';
