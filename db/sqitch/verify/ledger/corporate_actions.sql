SELECT
    action_id, action, asset, effective_at, units, for_units, to_asset, multiplier, rate, price,
    amount, recorded_at, source, trace_id
FROM pms.corporate_actions
WHERE FALSE;

SELECT action_id, recorded_at, source, trace_id
FROM pms.corporate_action_busts
WHERE FALSE;

SELECT first_multiplier, defined_at
FROM pms.instruments
WHERE FALSE;
