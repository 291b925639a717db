CREATE OR REPLACE FUNCTION pms.position_json(p pms.current_positions)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then, and costs ten times as much.
STABLE
PARALLEL SAFE
-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
RETURN jsonb_build_object(
    'id', (p).id,
    'account', (p).account,
    'asset', (p).asset,
    'mode', (p).mode,
    'size', pms.decimal_text((p).size),
    'average_entry_price', pms.decimal_text((p).average_entry_price),
    'current_price', pms.decimal_text((p).current_price),
    'unrealized_pnl', pms.decimal_text((p).unrealized_pnl),
    'realized_pnl', pms.decimal_text((p).realized_pnl),
    'long_size', pms.decimal_text((p).long_size),
    'short_size', pms.decimal_text((p).short_size),
    'unrealized_pnl_pct', pms.decimal_text((p).unrealized_pnl_pct),
    'time_held_minutes', (p).time_held_minutes,
    'position_size_norm', pms.decimal_text((p).position_size_norm),
    'fees_paid', pms.decimal_text((p).fees_paid),
    'funding', pms.decimal_text((p).funding),
    'net_pnl', pms.decimal_text((p).net_pnl),
    'settlement_currency', (p).settlement_currency,
    'unconverted_fees', (p).unconverted_fees,
    'price_status', (p).price_status,
    'price_updated_at', pms.time_text((p).price_updated_at),
    'needs_review', (p).needs_review,
    'last_updated', pms.time_text((p).last_updated),
    'last_snapshot_at', pms.time_text((p).last_snapshot_at),
    'closed_at', pms.time_text((p).closed_at),
    'created_at', pms.time_text((p).created_at),
    'version', (p).version
);

COMMENT ON FUNCTION pms.position_json IS $$A position as the contract writes it

Source: contract.md, section 1, "Position". Amounts are strings, counts and minutes integers.$$;

GRANT EXECUTE ON FUNCTION pms.position_json
TO pms_reader, pms_trader, pms_operator, pms_analyst;
