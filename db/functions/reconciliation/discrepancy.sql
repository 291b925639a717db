CREATE OR REPLACE FUNCTION pms.discrepancy_id(
    account text,
    asset text,
    mode text,
    leg text,
    kind text,
    field text
)
RETURNS uuid
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN pms.position_id(
    pms.position_id(account, asset, mode)::text, leg, kind || '/' || field
);

COMMENT ON FUNCTION pms.discrepancy_id IS $$The id of a discrepancy, always the same

Made of account, asset, mode, leg, kind and field, as the id of a position is of its key.$$;

CREATE OR REPLACE FUNCTION pms.is_dismissed(f pms.finding)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.discrepancies d
    WHERE d.account = (f).account
        AND d.id = pms.discrepancy_id(
            (f).account, (f).asset, (f).mode, (f).leg, (f).kind, (f).field
        )
        AND d.status = 'dismissed'
        AND (d.ours, d.theirs) IS NOT DISTINCT FROM ((f).ours, (f).theirs)
)
$$;

COMMENT ON FUNCTION pms.is_dismissed IS
'Whether a person dismissed this difference of these values.';

CREATE OR REPLACE FUNCTION pms.discrepancy_json(d pms.discrepancies)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (d).id,
    'asset', (d).asset,
    'mode', (d).mode,
    'leg', (d).leg,
    'kind', (d).kind,
    'field', (d).field,
    'ours', (d).ours,
    'theirs', (d).theirs,
    'threshold', pms.decimal_text((d).threshold),
    'proposal', (d).proposal,
    'target_size', pms.decimal_text((d).target_size),
    'target_cost', pms.decimal_text((d).target_cost),
    'is_fixable', (d).is_fixable,
    'status', (d).status,
    'evidence', (d).evidence,
    'first_seen_at', pms.time_text((d).first_seen_at),
    'opened_at', pms.time_text((d).opened_at),
    'last_seen_at', pms.time_text((d).last_seen_at),
    'times_seen', (d).times_seen,
    'closed_at', pms.time_text((d).closed_at),
    'decided_by', (d).decided_by,
    'decided_at', pms.time_text((d).decided_at),
    'note', (d).note,
    'trace_id', (d).trace_id
) || pms.account_members((d).account);

COMMENT ON FUNCTION pms.discrepancy_json IS 'A discrepancy as JSON of the contract.';
