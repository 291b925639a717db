-- From the plan in which functions and views were changes, too, to the one that has migrations
-- only. Runs once, after the code was dropped and in the same transaction.

DELETE FROM sqitch.events
WHERE project = 'position_manager';
DELETE FROM sqitch.dependencies d
USING sqitch.changes c
WHERE d.change_id = c.change_id AND c.project = 'position_manager';
DELETE FROM sqitch.changes
WHERE project = 'position_manager';

ALTER TABLE pms.price_minutes RENAME TO price_bars;
ALTER TABLE pms.request_keys RENAME TO idempotency_keys;
ALTER TABLE pms.covered_fills RENAME TO subsumed_executions;

-- Constraints and indexes carry the names of their tables.
DO $$
DECLARE
    v_statement text;
BEGIN
    FOR v_statement IN
        SELECT format(
            'ALTER TABLE %s RENAME CONSTRAINT %I TO %I', c.conrelid::regclass, c.conname,
            regexp_replace(c.conname, '^' || r.former, r.present)
        )
        FROM (
            VALUES
            ('price_minutes', 'price_bars'),
            ('request_keys', 'idempotency_keys'),
            ('covered_fills', 'subsumed_executions')
        ) r (former, present)
        INNER JOIN pg_constraint c ON c.conrelid = format('pms.%I', r.present)::regclass
        WHERE c.conname LIKE r.former || '%'
    LOOP
        EXECUTE v_statement;
    END LOOP;

    FOR v_statement IN
        SELECT format(
            'ALTER INDEX %s RENAME TO %I', c.oid::regclass,
            regexp_replace(c.relname, '^' || r.former, r.present)
        )
        FROM (
            VALUES
            ('price_minutes', 'price_bars'),
            ('request_keys', 'idempotency_keys'),
            ('covered_fills', 'subsumed_executions')
        ) r (former, present)
        INNER JOIN pg_index i ON i.indrelid = format('pms.%I', r.present)::regclass
        INNER JOIN pg_class c ON i.indexrelid = c.oid
        WHERE c.relname LIKE r.former || '%'
    LOOP
        EXECUTE v_statement;
    END LOOP;
END
$$;

ALTER TABLE pms.discrepancies DROP CONSTRAINT discrepancies_status_is_known;
UPDATE pms.discrepancies SET status = 'resolved'
WHERE status = 'gone';
ALTER TABLE pms.discrepancies ADD CONSTRAINT discrepancies_status_is_known
CHECK (status IN ('open', 'fixed', 'accepted', 'dismissed', 'resolved'));

ALTER TABLE pms.job_runs DROP CONSTRAINT job_runs_status_is_known;
UPDATE pms.job_runs SET status = 'interrupted'
WHERE status = 'broken_off';
ALTER TABLE pms.job_runs ADD CONSTRAINT job_runs_status_is_known
CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted'));
UPDATE pms.job_runs r
SET job = n.present
FROM (
    VALUES
    ('watch_limits', 'check_limits'),
    ('keep_portfolio_history', 'record_portfolio_history'),
    ('keep_partitions', 'maintain_partitions'),
    ('upkeep_outbox', 'compact_outbox'),
    ('forget_prices', 'purge_price_bars'),
    ('forget_request_keys', 'purge_idempotency_keys'),
    ('forget_job_runs', 'purge_job_runs')
) n (former, present)
WHERE r.job = n.former;
