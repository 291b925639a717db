-- Deploy position_manager:functions/pms/explained_entry_json to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/time_text
-- requires: migrations/explanation

BEGIN;

CREATE OR REPLACE FUNCTION pms.explained_entry_json(e pms.explained_entry)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'id', (e).id,
    'leg', (e).leg,
    'kind', (e).kind,
    'side', (e).side,
    'quantity', pms.decimal_text((e).quantity),
    'price', pms.decimal_text((e).price),
    'value', pms.decimal_text((e).value),
    'amount', pms.decimal_text((e).amount),
    'fee', pms.decimal_text((e).fee),
    'fee_native', pms.decimal_text((e).fee_native),
    'fee_currency', (e).fee_currency,
    'fee_rate', pms.decimal_text((e).fee_rate),
    'settlement_currency', (e).settlement_currency,
    'executed_at', pms.time_text((e).executed_at),
    'recorded_at', pms.time_text((e).recorded_at),
    'identity', (e).identity,
    'order_id', (e).order_id,
    'amends', (e).amends,
    'cause', (e).cause,
    'counter_account', (e).counter_account,
    'is_voided', (e).is_voided,
    'voided_by', (e).voided_by,
    'amendment', (e).amendment,
    'voided_at', pms.time_text((e).voided_at),
    'source', (e).source,
    'trace_id', (e).trace_id,
    'version', (e).version
)
-- A call takes at most a hundred arguments.
|| jsonb_build_object(
    'size_change', pms.decimal_text((e).size_change),
    'cost_change', pms.decimal_text((e).cost_change),
    'size', pms.decimal_text((e).size),
    'average_entry_price', pms.decimal_text((e).average_entry_price),
    'cost', pms.decimal_text((e).cost),
    'realized', pms.decimal_text((e).realized),
    'realized_pnl', pms.decimal_text((e).realized_pnl),
    'fees_paid', pms.decimal_text((e).fees_paid),
    'funding', pms.decimal_text((e).funding)
);

COMMENT ON FUNCTION pms.explained_entry_json IS
'An entry and its leg after it, in the notation of the contract.';

COMMIT;
