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

CREATE OR REPLACE VIEW pms.job_successes AS
SELECT
    j.job,
    s.started_at AS last_success_at,
    s.started_at + j.every AS next_due_at,
    -- A runner comes once a minute.
    coalesce(s.started_at + j.every + interval '2 minutes' < clock_timestamp(), TRUE)
        AS is_overdue
FROM pms.jobs j
LEFT JOIN LATERAL (
    SELECT r.started_at
    FROM pms.job_runs r
    WHERE r.job = j.job
        AND r.status = 'succeeded'
    ORDER BY r.started_at DESC
    LIMIT 1
) s ON TRUE;

COMMENT ON VIEW pms.job_successes IS
'When the last successful run of each job began, and when the next is due.';
