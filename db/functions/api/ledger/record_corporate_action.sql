CREATE OR REPLACE FUNCTION api.record_corporate_action(
    action_id text DEFAULT NULL,
    action text DEFAULT NULL,
    asset text DEFAULT NULL,
    effective_at text DEFAULT NULL,
    ratio text DEFAULT NULL,
    to_asset text DEFAULT NULL,
    rate text DEFAULT NULL,
    multiplier text DEFAULT NULL,
    price text DEFAULT NULL,
    amount text DEFAULT NULL,
    is_another text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.record_events(
        'record_corporate_action',
        'corporate_action',
        jsonb_strip_nulls(jsonb_build_object(
            'action_id', action_id,
            'action', action,
            'asset', asset,
            'effective_at', effective_at,
            'ratio', ratio,
            'to_asset', to_asset,
            'rate', rate,
            'multiplier', multiplier,
            'price', price,
            'amount', amount,
            'is_another', is_another
        ))
    );
END
$$;

COMMENT ON FUNCTION api.record_corporate_action IS
$$Record a corporate action: a split, a rename, a settlement and the like

On all legs of the asset, in all accounts, from effective_at on; fills of before that arrive later
are counted in the units of before. action: split (ratio: new units to an old one, such as 10 or
1:3), rename (to_asset; ratio, by default 1; rate, where to_asset settles in another currency),
contract (multiplier; ratio, by default 1), settlement (price that closes the positions) or
distribution (amount: settlement currency for one unit). Sent again it is a duplicate; bust_fill
with the identity action:<action_id> takes it back. is_another: true counts a split, contract change
or distribution beside one with the same terms less than a day apart, which is refused otherwise.
Answers {outcome, reason, detail, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when action_id was used before for another action, or when it is a suspected repeat of
  one under another id$$;

GRANT EXECUTE ON FUNCTION api.record_corporate_action TO pms_operator, pms_http_operator;
