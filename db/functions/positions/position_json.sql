CREATE OR REPLACE FUNCTION pms.publish_position(p pms.current_positions)
RETURNS pms.published_position
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then, and costs ten times as much.
STABLE
PARALLEL SAFE
-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
RETURN (
    (p).id,
    (p).account,
    (p).asset,
    (p).mode,
    pms.decimal_text((p).size),
    pms.decimal_text((p).average_entry_price),
    pms.decimal_text((p).current_price),
    pms.decimal_text((p).unrealized_pnl),
    pms.decimal_text((p).realized_pnl),
    pms.decimal_text((p).long_size),
    pms.decimal_text((p).short_size),
    pms.decimal_text((p).unrealized_pnl_pct),
    (p).time_held_minutes,
    pms.decimal_text((p).position_size_norm),
    pms.decimal_text((p).fees_paid),
    pms.decimal_text((p).funding),
    pms.decimal_text((p).net_pnl),
    (p).settlement_currency,
    (p).unconverted_fees,
    (p).price_status,
    pms.time_text((p).price_updated_at),
    (p).needs_review,
    pms.time_text((p).last_updated),
    pms.time_text((p).last_snapshot_at),
    pms.time_text((p).closed_at),
    pms.time_text((p).created_at),
    (p).version
)::pms.published_position;

COMMENT ON FUNCTION pms.publish_position IS $$A position as the contract writes it

Lists aggregate it to json, which is built in a third of the time of jsonb.$$;

GRANT EXECUTE ON FUNCTION pms.publish_position
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.position_json(p pms.current_positions)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN to_jsonb(pms.publish_position(p));

COMMENT ON FUNCTION pms.position_json IS
'A position as the contract writes it, to be merged with other members.';

GRANT EXECUTE ON FUNCTION pms.position_json
TO pms_reader, pms_trader, pms_operator, pms_analyst;
