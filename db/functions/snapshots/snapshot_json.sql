CREATE OR REPLACE FUNCTION pms.snapshot_position(s pms.snapshots)
RETURNS pms.current_positions
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN (
    (s).account, (s).position_id, (s).asset, (s).mode, (s).size, (s).average_entry_price,
    (s).break_even_price, (s).current_price, (s).unrealized_pnl, (s).realized_pnl,
    (s).long_size, (s).short_size,
    (s).unrealized_pnl_pct, (s).time_held_minutes, (s).position_size_norm, (s).cost_basis,
    (s).exposure_usdt, (s).net_exposure_usdt, (s).fees_paid, (s).funding, (s).net_pnl,
    (s).unrealized_pnl_usdt, (s).realized_pnl_usdt, (s).fees_paid_usdt, (s).funding_usdt,
    (s).net_pnl_usdt, (s).settlement_currency, (s).unconverted_fees, (s).price_status,
    (s).price_updated_at, (s).needs_review, coalesce((s).review_reasons, '{}'), (s).last_updated,
    (s).last_snapshot_at, (s).closed_at, (s).position_created_at, (s).version
)::pms.current_positions;

COMMENT ON FUNCTION pms.snapshot_position IS
'The position as it was published at the moment of a snapshot.';

GRANT EXECUTE ON FUNCTION pms.snapshot_position TO pms_compat;

CREATE OR REPLACE FUNCTION pms.snapshot_json(s pms.snapshots)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (s).id,
    'position_id', (s).position_id,
    'account', pms.base_account((s).account),
    'asset', (s).asset,
    'mode', (s).mode,
    'snapshot_data', pms.position_json(pms.snapshot_position(s)),
    'created_at', pms.time_text((s).created_at)
) || CASE
    WHEN pms.is_book((s).account) THEN jsonb_build_object('book', pms.book_of((s).account))
    ELSE '{}'
END;

COMMENT ON FUNCTION pms.snapshot_json IS $$A snapshot as the contract writes it

Source: contract.md, section 1, "Snapshot".$$;
