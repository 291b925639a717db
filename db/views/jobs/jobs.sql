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
        'fold the whole ledger again and compare it with what is stored'
    ),
    (
        'validate_positions', s.validation_interval,
        'compare every position with its ledger, its rules and the venue, and fix what may be'
    ),
    (
        'check_limits', interval '1 minute',
        'tell when a limit is breached and when it holds again'
    ),
    (
        'record_portfolio_history', s.portfolio_history_interval,
        'keep the totals of every account'
    ),
    (
        'take_snapshots', s.snapshot_interval,
        'keep what every position is that is open or has changed'
    ),
    (
        'maintain_partitions', interval '1 hour',
        'make the months to come and drop those beyond retention'
    ),
    (
        'compact_outbox', interval '1 minute',
        'drop announcements that a newer one has replaced before they were sent'
    ),
    ('purge_price_bars', interval '1 day', 'delete the price history beyond its retention'),
    ('purge_idempotency_keys', interval '1 hour', 'delete what was answered a day ago'),
    ('purge_job_runs', interval '1 day', 'delete what was noted of runs a week ago')
) j (job, every, purpose);

COMMENT ON VIEW pms.jobs IS $$The jobs of the service: what is run again and again

job names a function pms.<job>(progress jsonb) that returns pms.job_step: one step of bounded work,
safe to repeat, begun with null. A line here is all it takes to have it scheduled and watched.$$;
