SELECT leg_id, account, asset, mode, leg
FROM pms.legs
WHERE FALSE;

SELECT id, identity_key, leg_id, order_key, occurrence, scheme
FROM pms.narrow_entries
WHERE FALSE;

-- The hash does not depend on the version of PostgreSQL, but it depends on the order of bytes.
SELECT 1 / (
    hashtextextended('execution:1', hashtextextended('main', 0)) = -1579046678406506919
)::integer;
