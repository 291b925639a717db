-- Deploy position_manager:functions/pms/discrepancy_json to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/time_text
-- requires: migrations/discrepancies

BEGIN;

CREATE OR REPLACE FUNCTION pms.discrepancy_json(d pms.discrepancies)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (d).id,
    'account', (d).account,
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
);

COMMENT ON FUNCTION pms.discrepancy_json IS 'A discrepancy in the notation of the contract.';

COMMIT;
