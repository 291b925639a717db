-- The complete public interface: an object published by accident shows here.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SELECT tables_are('api', ARRAY[]::name[], 'tables are private');

SELECT views_are(
    'api',
    ARRAY[
        'archive_rows', 'audit', 'books', 'cash_balances', 'cash_entries', 'conflicts', 'corporate_actions', 'cycles', 'dead_letters', 'discrepancies', 'drawdown',
        'drawdown_total', 'exposure_by_asset', 'exposure_by_asset_total',
        'fifo_lots', 'fifo_positions', 'fills', 'instrument_aliases', 'instruments', 'jobs', 'keys', 'limit_breaches', 'limits',
        'pending_amendments', 'pnl_by_asset', 'pnl_by_asset_and_day', 'pnl_by_asset_total', 'pnl_by_day', 'pnl_by_day_total',
        'pnl_by_month', 'pnl_by_month_total', 'pnl_by_week', 'pnl_by_week_total', 'portfolio', 'portfolio_history',
        'portfolio_history_total', 'portfolio_total', 'position_reviews', 'positions', 'prices', 'rate_limits', 'restatements',
        'return_statistics', 'return_statistics_total', 'snapshots', 'suspected_repeats', 'trades_by_day', 'validations'
    ],
    'the published views'
);

SELECT set_eq(
    $$ SELECT p.proname || '(' || array_to_string(p.proargnames, ', ') || ')'
       FROM pg_proc p
       WHERE p.pronamespace = 'api'::regnamespace
           AND p.proname ~ '^(get|validate|create|check)_'
           AND p.pronargs > 0 $$,
    ARRAY[
        'check_fill(asset, side, quantity, price, fee, mode, position_side, account, strategy)',
        'create_key(id, digest, role, name, tier, account_scope, expires_at, fingerprint)',
        'create_session_code(id, digest, account_scope)',
        'create_snapshot(asset, mode, account, book)',
        'create_snapshots(account, book)',
        'get_cash(account, currency, as_of, known_at, page_limit, page_offset)',
        'get_closed_cycles('
        'asset, mode, account, from_time, to_time, page_limit, page_offset, book)',
        'get_discrepancies(status, asset, mode, account, page_limit, page_offset, book)',
        'get_events(after, types, account, page_limit)',
        'get_exposure(account, currency, book)',
        'get_history(account, unit, from_time, to_time, book)',
        'get_instruments(asset, page_limit, page_offset)',
        'get_limits(account, page_limit, book)',
        'get_pnl(account, unit, time_zone, from_time, to_time, page_limit, currency, book)',
        'get_pnl_by_period(unit, time_zone, account, asset, from_time, to_time, '
        'include_positions, page_limit, currency, book)',
        'get_portfolio(include_positions, asset, account, as_of, known_at, currency, book, grouping_by)',
        'get_position(asset, mode, account, as_of, known_at, book)',
        'get_position_entries(asset, mode, account, page_limit, before, book)',
        'get_positions(account, asset, mode, size_min, size_max, page_limit, page_offset, '
        || 'as_of, known_at, book)',
        'get_reviews(asset, mode, account, page_limit, page_offset)',
        'get_statistics(part, account, asset, from_time, to_time, time_zone, days_per_year, '
        || 'risk_free, book, currency)',
        'get_snapshots(asset, mode, page_limit, page_offset, from_time, to_time, account, book)',
        'validate_position(asset, mode, fix_discrepancies, account)'
    ],
    'the functions of the contract paths, and their arguments'
);

SELECT functions_are(
    'api',
    ARRAY[
        'accept_discrepancy', 'accept_price', 'acknowledge_breach', 'alias_instrument', 'begin_job',
        'begin_ledger_restore', 'close_ledger_partition', 'drop_archived_partition',
        'finish_ledger_archive', 'finish_ledger_restore',
        'get_reference_digests', 'get_shard_map', 'set_shard_map',
        'get_ledger_periods', 'prepare_ledger_archive', 'reopen_ledger_partition', 'restore_ledger_entries',
        'bust_cash', 'bust_fill', 'cash_balances_as_of', 'check_fill', 'closed_cycles', 'continue_job', 'correct_fill',
        'create_key', 'create_session', 'create_session_code', 'create_snapshot', 'create_snapshots',
        'day_statistics', 'define_instrument', 'forget_demo', 'get_caller', 'price_lines',
        'dismiss_discrepancy', 'drop_amendment', 'drop_dead_letter', 'drop_price', 'get_closed_cycles', 'get_discrepancies', 'get_cash',
        'fills', 'instruments', 'positions', 'prices', 'snapshots',
        'equity_by_step', 'get_diagnosis', 'get_events', 'get_exposure', 'get_health', 'get_metrics', 'get_metrics_text', 'get_pnl',
        'get_pnl_by_period', 'get_portfolio',
        'get_position', 'get_position_entries', 'get_positions', 'get_reviews', 'get_snapshots', 'get_statistics', 'trade_statistics',
        'import_fills', 'import_positions', 'move_fills', 'move_to_book', 'pnl_by_period', 'portfolio_as_of', 'portfolio_total_as_of', 'position_entries',
        'position_pnl_by_period', 'positions_as_of', 'post_bust', 'post_cash', 'post_cash_bust', 'post_cash_transfers', 'post_correction', 'post_fills', 'post_funding',
        'post_limit', 'post_prices', 'post_transfers', 'delete_limit', 'get_history', 'get_instruments',
        'get_limits', 'record_backup', 'record_cash', 'record_corporate_action', 'record_fill',
        'record_fills', 'record_funding', 'record_price', 'record_prices', 'record_transfer',
        'remove_alias', 'remove_limit', 'retry_dead_letter', 'revoke_key', 'rotate_key', 'set_capital', 'set_limit',
        'settle_conflict', 'settle_suspected_repeat', 'transfer_cash', 'validate_position', 'verify_ledger'
    ],
    'the published functions'
);

SELECT columns_are(
    'api', 'positions',
    ARRAY[
        'account', 'id', 'asset', 'mode', 'size', 'average_entry_price', 'break_even_price',
        'current_price',
        'unrealized_pnl', 'realized_pnl', 'long_size', 'short_size', 'unrealized_pnl_pct',
        'time_held_minutes', 'position_size_norm', 'cost_basis', 'exposure_usdt',
        'net_exposure_usdt', 'fees_paid', 'funding', 'net_pnl', 'unrealized_pnl_usdt',
        'realized_pnl_usdt', 'fees_paid_usdt', 'funding_usdt', 'net_pnl_usdt',
        'settlement_currency', 'unconverted_fees', 'price_status', 'price_updated_at',
        'needs_review', 'review_reasons', 'last_updated', 'last_snapshot_at', 'closed_at',
        'created_at', 'version', 'rate_status'
    ]
);

SELECT columns_are(
    'api', 'fills',
    ARRAY[
        'account', 'id', 'asset', 'mode', 'leg', 'kind', 'side', 'quantity', 'price', 'value',
        'amount', 'carried_realized', 'fee', 'fee_native', 'fee_currency', 'fee_rate',
        'settlement_currency', 'order_id', 'identity', 'amends', 'cause', 'voided_by', 'voided_at',
        'counter_account', 'version', 'executed_at', 'recorded_at', 'source', 'trace_id',
        'closing_price', 'closing_source',
        'realized_pnl', 'book', 'strategy'
    ]
);

SELECT columns_are(
    'api', 'restatements',
    ARRAY[
        'account', 'id', 'asset', 'mode', 'leg', 'cause', 'earliest_at', 'realized_pnl_before',
        'realized_pnl_after', 'realized_pnl_change', 'settlement_currency', 'recorded_at',
        'trace_id'
    ]
);

SELECT columns_are(
    'api', 'conflicts',
    ARRAY[
        'account', 'id', 'identity', 'recorded', 'received', 'times_seen', 'first_seen_at',
        'last_seen_at', 'trace_id', 'status', 'asset', 'mode', 'leg'
    ]
);

SELECT columns_are(
    'api', 'suspected_repeats',
    ARRAY[
        'account', 'id', 'status', 'asset', 'mode', 'leg', 'order_id', 'quantity', 'price', 'fee',
        'fee_currency', 'executed_at', 'detail', 'message', 'times_seen', 'first_seen_at',
        'last_seen_at', 'trace_id'
    ]
);

SELECT columns_are(
    'api', 'fifo_lots',
    ARRAY[
        'account', 'asset', 'mode', 'leg', 'entry_id', 'executed_at', 'quantity', 'price', 'cost',
        'settlement_currency'
    ]
);

SELECT columns_are(
    'api', 'fifo_positions',
    ARRAY[
        'account', 'asset', 'mode', 'leg', 'size', 'lots', 'current_price', 'fifo_cost',
        'fifo_average_entry_price', 'fifo_realized', 'fifo_unrealized_pnl', 'average_cost', 'average_entry_price',
        'average_realized', 'average_unrealized_pnl', 'settlement_currency'
    ]
);

-- Their result types are part of the interface, like the columns of a view.
SELECT is(
    (
        SELECT string_agg(a.attname, ' ' ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = 'pms.explained_entry'::regclass
    ),
    'id leg kind side quantity price value amount fee fee_native fee_currency fee_rate '
    'settlement_currency executed_at recorded_at identity order_id amends cause counter_account '
    'is_voided voided_by amendment voided_at source trace_id version size_change cost_change '
    'realized_pnl_change '
    'size average_entry_price cost realized realized_pnl fees_paid funding closing_price '
    'closing_source',
    'the columns of api.position_entries'
);

SELECT is(
    (
        SELECT string_agg(a.attname, ' ' ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = 'pms.round_trip'::regclass
    ),
    'leg direction opened_at closed_at duration_minutes opening_entry_id closing_entry_id entries '
    'average_entry_price average_exit_price peak_size quantity_traded realized fees_paid funding '
    'net_pnl mae mfe price_minutes settlement_currency turnover',
    'the columns of api.closed_cycles'
);

SELECT columns_are(
    'api', 'instruments',
    ARRAY[
        'asset', 'kind', 'multiplier', 'quote_currency', 'settlement_currency', 'base_currency',
        'allows_negative_price', 'is_assumed', 'expires_at', 'tick_size', 'quantity_step',
        'created_at'
    ]
);

SELECT columns_are(
    'api', 'jobs',
    ARRAY[
        'job', 'purpose', 'interval_seconds', 'last_status', 'last_started_at',
        'last_finished_at', 'last_duration_ms', 'last_steps', 'last_result', 'last_error',
        'last_success_at', 'next_due_at', 'is_overdue'
    ]
);

SELECT columns_are(
    'api', 'prices',
    ARRAY[
        'asset', 'mark_price', 'price_status', 'priced_at', 'recorded_at', 'source', 'trace_id',
        'age_seconds', 'held_price', 'held_at', 'held_since'
    ]
);

SELECT columns_are(
    'api', 'limits',
    ARRAY[
        'id', 'scope', 'account', 'asset', 'metric', 'warn_level', 'breach_level', 'value',
        'utilisation', 'level', 'source', 'updated_at', 'clear_level', 'book'
    ]
);

SELECT columns_are(
    'api', 'limit_breaches',
    ARRAY[
        'account', 'id', 'limit_id', 'scope', 'asset', 'metric', 'breach_level', 'peak_value',
        'peak_at', 'began_at', 'ended_at', 'trace_id', 'acknowledged_at', 'acknowledged_by', 'note',
        'book'
    ]
);

SELECT columns_are(
    'api', 'portfolio_history',
    ARRAY[
        'account', 'recorded_at', 'equity_usdt', 'capital_usdt', 'net_pnl_usdt', 'realized_usdt',
        'unrealized_pnl_usdt', 'fees_paid_usdt', 'funding_usdt', 'exposure_usdt',
        'net_exposure_usdt', 'open_positions_count', 'long_positions_count',
        'short_positions_count', 'complete'
    ]
);

SELECT columns_are(
    'api', 'pnl_by_' || u.unit,
    ARRAY[
        'account', 'period_start', 'net_pnl_usdt', 'realized_usdt', 'unrealized_pnl_usdt',
        'fees_paid_usdt', 'funding_usdt', 'opening_equity_usdt', 'closing_equity_usdt',
        'return_ratio', 'complete', 'conversion_usdt', 'starts_at', 'ends_at', 'is_restated',
        'restated_at', 'restated_realized_pnl_usdt', 'restatements', 'flows_usdt', 'interest_usdt',
        'cash_conversion_usdt'
    ],
    'the columns of a ' || u.unit
)
FROM unnest('{day,week,month}'::text[]) u (unit);

SELECT columns_are(
    'api', 'drawdown',
    ARRAY[
        'account', 'recorded_at', 'equity_usdt', 'peak_equity_usdt', 'drawdown_usdt',
        'drawdown_ratio'
    ]
);

SELECT columns_are(
    'api', 'return_statistics',
    ARRAY[
        'account', 'days', 'winning_days', 'losing_days', 'mean_return', 'standard_deviation',
        'best_return', 'worst_return', 'total_return', 'annual_return', 'sharpe', 'sortino', 'calmar',
        'max_drawdown', 'max_drawdown_from', 'max_drawdown_to', 'max_drawdown_days', 'complete'
    ]
);

SELECT columns_are(
    'api', 'portfolio',
    ARRAY[
        'account', 'exposure_usdt', 'net_exposure_usdt', 'unrealized_pnl_usdt',
        'realized_pnl_usdt', 'total_pnl_usdt', 'fees_paid_usdt', 'funding_usdt', 'net_pnl_usdt',
        'open_positions_count', 'long_positions_count', 'short_positions_count',
        'unconverted_fees', 'complete', 'unpriced', 'assumed_instruments', 'stale_rates'
    ]
);

SELECT columns_are(
    'api', 'exposure_by_asset',
    ARRAY[
        'account', 'asset', 'size', 'exposure_usdt', 'net_exposure_usdt', 'open_positions_count',
        'complete'
    ]
);

SELECT columns_are(
    'api', 'pnl_by_asset',
    ARRAY[
        'account', 'asset', 'unrealized_pnl_usdt', 'realized_pnl_usdt', 'total_pnl_usdt',
        'fees_paid_usdt', 'funding_usdt', 'net_pnl_usdt', 'complete'
    ]
);

SELECT is(
    ARRAY(
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname
    ),
    ARRAY(
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = ('api.' || substr(t.relname, 1, length(t.relname) - 6))::regclass
            AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'account'
        ORDER BY a.attname
    ),
    t.relname || ' has the columns of the view of accounts'
)
FROM pg_class t
WHERE t.relnamespace = 'api'::regnamespace AND t.relname LIKE '%\_total';

SELECT set_eq(
    $$ SELECT CASE a.attname
           WHEN 'position_id' THEN 'id'
           WHEN 'position_created_at' THEN 'created_at'
           ELSE a.attname
       END::text
       FROM pg_attribute a
       WHERE a.attrelid = 'api.snapshots'::regclass
           AND a.attnum > 0 $$,
    $$ SELECT a.attname::text FROM pg_attribute a
       WHERE a.attrelid = 'api.positions'::regclass
           AND a.attnum > 0
       UNION SELECT 'snapshot_data' $$,
    'a snapshot has the columns of a position, its id and time, and the whole as JSON'
);

SELECT set_eq(
    $$ SELECT i.indexname::text FROM pg_indexes i
       WHERE i.schemaname = 'pms' AND i.indexname LIKE 'idx\_positions\_%' $$,
    ARRAY[
        'idx_positions_asset', 'idx_positions_mode', 'idx_positions_asset_mode',
        'idx_positions_current_price', 'idx_positions_version'
    ],
    'the indexes promised to the consumers'
);

SELECT is_empty(
    $$ SELECT c.oid::regclass FROM pg_class c
       WHERE c.relnamespace = 'api'::regnamespace
           AND c.relkind = 'v'
           AND pg_relation_is_updatable(c.oid, FALSE) <> 0 $$,
    'no published view can be written through'
);

SELECT is_empty(
    $$ SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace = 'api'::regnamespace
           AND obj_description(p.oid, 'pg_proc') IS NULL $$,
    'every published function has a comment'
);

SELECT is_empty(
    $$ SELECT c.oid::regclass FROM pg_class c
       WHERE c.relnamespace = 'api'::regnamespace
           AND obj_description(c.oid, 'pg_class') IS NULL $$,
    'every published view has a comment'
);

SELECT is_empty(
    $$ SELECT c.oid::regclass, a.attname
       FROM pg_class c
       INNER JOIN pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0
       WHERE c.relnamespace = 'api'::regnamespace
           AND col_description(c.oid, a.attnum) IS NULL $$,
    'every column of a published view has a comment'
);

SELECT is_empty(
    $$ SELECT c.oid::regclass, a.attname
       FROM pg_class c
       INNER JOIN pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0
       WHERE c.relnamespace = 'api'::regnamespace
           AND a.atttypid = 'numeric'::regtype
           AND col_description(c.oid, a.attnum)
               !~ '(USDT|[Qq]uantity|[Qq]uote currency|[Ss]ettlement currency|Percent|Ratio|mark price|^Currency:)' $$,
    'every amount names its unit'
);

SELECT * FROM finish();
ROLLBACK;
