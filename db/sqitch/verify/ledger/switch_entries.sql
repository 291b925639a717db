SELECT id, identity_key, leg_id, order_key, occurrence, scheme
FROM pms.entries
WHERE FALSE;

SELECT leg_id
FROM pms.positions
WHERE FALSE;
