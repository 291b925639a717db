CREATE OR REPLACE VIEW api.corporate_actions WITH (security_invoker = TRUE) AS
SELECT
    a.action_id,
    a.action,
    a.asset,
    a.effective_at,
    CASE WHEN a.units IS NOT NULL THEN trim_scale(a.units) || ':' || trim_scale(a.for_units) END
        AS ratio,
    a.to_asset,
    trim_scale(a.multiplier) AS multiplier,
    trim_scale(a.rate) AS rate,
    trim_scale(a.price) AS price,
    trim_scale(a.amount) AS amount,
    b.recorded_at AS busted_at,
    a.recorded_at,
    a.source,
    a.trace_id
FROM pms.corporate_actions a
LEFT JOIN pms.corporate_action_busts b ON a.action_id = b.action_id;

COMMENT ON VIEW api.corporate_actions IS
$$Splits, renames, contract changes, settlements, distributions

Each has an entry in every leg of its asset that it concerns; api.fills and get_position_entries
show them.$$;

COMMENT ON COLUMN api.corporate_actions.action_id IS
'Identifies the action when it is reported again; its identity is action:<action_id>.';

COMMENT ON COLUMN api.corporate_actions.action IS
'split, rename, contract, settlement or distribution.';

COMMENT ON COLUMN api.corporate_actions.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.corporate_actions.effective_at IS
'Event time: what happened before is counted in the units and under the contract of before.';

COMMENT ON COLUMN api.corporate_actions.ratio IS
'New units to old ones, such as 10:1; null for a settlement or a distribution.';

COMMENT ON COLUMN api.corporate_actions.to_asset IS
'For a rename, the asset that continues the positions.';

COMMENT ON COLUMN api.corporate_actions.multiplier IS
'Ratio: for a contract, the multiplier from then on.';

COMMENT ON COLUMN api.corporate_actions.rate IS
'For a rename, the settlement currency of to_asset for one of that of asset.';

COMMENT ON COLUMN api.corporate_actions.price IS
'Quote currency: for a settlement, the price that closes.';

COMMENT ON COLUMN api.corporate_actions.amount IS
'For a distribution, the settlement currency for one unit; negative if a holder pays.';

COMMENT ON COLUMN api.corporate_actions.busted_at IS
'When the action was busted; null if it counts.';

COMMENT ON COLUMN api.corporate_actions.recorded_at IS 'When the service recorded the action.';

COMMENT ON COLUMN api.corporate_actions.source IS 'Where the action came from.';

COMMENT ON COLUMN api.corporate_actions.trace_id IS 'The trace id of the message.';

GRANT SELECT ON api.corporate_actions TO pms_reader, pms_trader, pms_operator, pms_analyst;
