-- Deploy position_manager:functions/pms/leg_cycle_json to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/time_text
-- requires: migrations/explanation

BEGIN;

CREATE OR REPLACE FUNCTION pms.leg_cycle_json(c pms.leg_cycle)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'leg', (c).leg,
    'direction', (c).direction,
    'opened_at', pms.time_text((c).opened_at),
    'closed_at', pms.time_text((c).closed_at),
    'duration_minutes', (c).duration_minutes,
    'opening_entry_id', (c).opening_entry_id,
    'closing_entry_id', (c).closing_entry_id,
    'entries', (c).entries,
    'average_entry_price', pms.decimal_text((c).average_entry_price),
    'average_exit_price', pms.decimal_text((c).average_exit_price),
    'peak_size', pms.decimal_text((c).peak_size),
    'quantity_traded', pms.decimal_text((c).quantity_traded),
    'realized', pms.decimal_text((c).realized),
    'fees_paid', pms.decimal_text((c).fees_paid),
    'funding', pms.decimal_text((c).funding),
    'net_pnl', pms.decimal_text((c).net_pnl),
    'mae', pms.decimal_text((c).mae),
    'mfe', pms.decimal_text((c).mfe),
    'price_minutes', (c).price_minutes,
    'settlement_currency', (c).settlement_currency
);

COMMENT ON FUNCTION pms.leg_cycle_json IS 'A cycle in the notation of the contract.';

COMMIT;
