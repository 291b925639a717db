SELECT 1 / (count(*) = 5)::integer
FROM pg_catalog.pg_constraint c
WHERE c.convalidated
    AND c.conrelid IN ('pms.entries'::regclass, 'pms.legs'::regclass, 'pms.positions'::regclass)
    AND c.conname IN (
        'entries_kind_is_whole', 'legs_asset_fkey', 'positions_leg_fkey', 'positions_are_finite',
        'positions_fit_size'
    );
