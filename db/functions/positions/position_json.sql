CREATE OR REPLACE FUNCTION pms.position_text(p pms.current_positions)
RETURNS text
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then, and costs ten times as much.
STABLE
PARALLEL SAFE
-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
-- json_build_object and row_to_json look up the type of each column in each row. No text here needs
-- escapes, see the constraints of pms.positions and pms.instruments.
RETURN concat(
    '{"id":"', (p).id,
    -- Of a book, see pms.book_account, the account and the book.
    '","account":"', replace((p).account, '|', '","book":"'),
    '","asset":"', (p).asset,
    '","mode":"', (p).mode,
    '","size":', pms.decimal_json((p).size),
    ',"average_entry_price":', pms.decimal_json((p).average_entry_price),
    ',"break_even_price":', pms.decimal_json((p).break_even_price),
    ',"current_price":', pms.decimal_json((p).current_price),
    ',"unrealized_pnl":', pms.decimal_json((p).unrealized_pnl),
    ',"realized_pnl":', pms.decimal_json((p).realized_pnl),
    ',"long_size":', pms.decimal_json((p).long_size),
    ',"short_size":', pms.decimal_json((p).short_size),
    ',"unrealized_pnl_pct":', pms.decimal_json((p).unrealized_pnl_pct),
    ',"time_held_minutes":', coalesce((p).time_held_minutes::text, 'null'),
    ',"position_size_norm":', pms.decimal_json((p).position_size_norm),
    ',"fees_paid":', pms.decimal_json((p).fees_paid),
    ',"funding":', pms.decimal_json((p).funding),
    ',"net_pnl":', pms.decimal_json((p).net_pnl),
    ',"settlement_currency":"', (p).settlement_currency,
    '","unconverted_fees":', coalesce((p).unconverted_fees::text, 'null'),
    ',"price_status":"', (p).price_status,
    '","price_updated_at":', pms.time_json((p).price_updated_at),
    ',"needs_review":', coalesce((p).needs_review::text, 'null'),
    ',"review_reasons":', coalesce(array_to_json(nullif((p).review_reasons, '{}'))::text, '[]'),
    ',"last_updated":', pms.time_json((p).last_updated),
    ',"last_snapshot_at":', pms.time_json((p).last_snapshot_at),
    ',"closed_at":', pms.time_json((p).closed_at),
    ',"created_at":', pms.time_json((p).created_at),
    ',"version":', coalesce((p).version::text, 'null'),
    '}'
);

COMMENT ON FUNCTION pms.position_text IS $$A position as the contract writes it, as JSON text

Source: contract.md, section 1, "Position". Amounts and times are strings, counts and minutes
integers.$$;

GRANT EXECUTE ON FUNCTION pms.position_text
TO pms_reader, pms_trader, pms_operator, pms_analyst, pms_compat;

CREATE OR REPLACE FUNCTION pms.position_json(p pms.current_positions)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN pms.position_text(p)::jsonb;

COMMENT ON FUNCTION pms.position_json IS
'A position as the contract writes it, to be merged with other members.';

GRANT EXECUTE ON FUNCTION pms.position_json
TO pms_reader, pms_trader, pms_operator, pms_analyst, pms_compat;
