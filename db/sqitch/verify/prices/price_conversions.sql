SELECT asset, effective_at, multiply_by, divide_by, cause, known_from, known_to
FROM pms.price_conversions
WHERE FALSE;
