CREATE OR REPLACE VIEW pms.jobs AS
SELECT
    j.job,
    j.every,
    j.purpose
FROM pms.settings s
CROSS JOIN LATERAL (
    VALUES
    (
        'verify_ledger', s.verification_interval,
        'compare changed positions with their ledger, and part by part all others'
    ),
    (
        'validate_positions', s.validation_interval,
        'compare every position with its ledger, the rules and the venue; make permitted fixes'
    ),
    (
        'check_limits', interval '1 minute',
        'publish the start and the end of every limit breach'
    ),
    (
        'record_portfolio_history', s.portfolio_history_interval,
        'record the totals of every account, where they have changed'
    ),
    ('sum_pnl', interval '1 minute', 'sum PnL by quarter hour of the event time'),
    (
        'thin_portfolio_history', interval '1 hour',
        'reduce the totals older than a week to the last of each quarter hour'
    ),
    (
        'take_snapshots', s.snapshot_interval,
        'take a snapshot of every position that is open or has changed'
    ),
    (
        'maintain_partitions', interval '1 hour',
        'create the coming partitions and drop those beyond retention'
    ),
    (
        'divide_ledger', interval '1 hour',
        'begin the next partition of the ledger when the newest one is large'
    ),
    (
        'convert_late_fees', interval '1 minute',
        'convert fees whose currency had no rate when they came'
    ),
    (
        'retry_future_events', interval '1 minute',
        'retry order events that were rejected for a time in the future'
    ),
    (
        'review_expired', interval '1 minute',
        'flag the open positions of expired instruments, and settle those that are flat'
    ),
    (
        'merge_account_totals', interval '1 hour',
        'merge the kept totals of sessions that have ended'
    ),
    (
        'purge_rejected_messages', interval '1 minute',
        'delete rejected messages and conflicts beyond their retention or size'
    ),
    (
        'purge_records', interval '1 hour',
        'delete validations, closed discrepancies and other records beyond retention or size'
    ),
    ('measure_tables', interval '1 hour', 'note the size of each table, for its growth per day'),
    (
        'thin_checkpoints', interval '1 day',
        'delete old checkpoints that were replaced, or that later ones cover'
    ),
    ('purge_price_bars', interval '1 day', 'delete price bars beyond their retention'),
    ('purge_idempotency_keys', interval '1 hour', 'delete stored responses older than a day'),
    ('purge_sessions', interval '1 hour', 'delete keys of pages that expired a day ago'),
    ('purge_job_runs', interval '1 day', 'delete records of job runs older than a week')
) j (job, every, purpose);

COMMENT ON VIEW pms.jobs IS $$The scheduled jobs of the service

job names a function pms.<job>(progress jsonb) that returns pms.job_step: one step of bounded work,
safe to repeat, started with null. A row in this view is enough to schedule and monitor a job.$$;
