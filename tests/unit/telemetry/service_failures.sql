-- What fails is published once when it has lasted, and once when it is over.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.published()
RETURNS TABLE (type text, reason text, subject text, is_ended boolean)
LANGUAGE sql
AS $$
WITH sent AS (
    DELETE FROM pms.outbox o
    WHERE o.aggregatetype = 'service'
    RETURNING o.*
)

SELECT s.type, s.payload ->> 'reason', s.payload ->> 'subject', s.payload ->> 'ended_at' IS NOT NULL
FROM sent s
ORDER BY s.sequence
$$;

CREATE FUNCTION pg_temp.later(waited interval)
RETURNS void
LANGUAGE sql
AS $$
UPDATE pms.service_failures SET began_at = began_at - waited;
SELECT pms.watch_service();
$$;

CREATE FUNCTION pg_temp.failing(reason text)
RETURNS TABLE (subject text, detail text)
LANGUAGE sql
AS $$
SELECT f.subject, f.detail FROM pms.failing_now() f WHERE f.reason = failing.reason
$$;

-- Each job has succeeded.
INSERT INTO pms.job_runs (job, started_by, status, finished_at)
SELECT j.job, 'schedule', 'succeeded', now()
FROM pms.jobs j;
SELECT is_empty($$ SELECT * FROM pms.failing_now() $$, 'a new service does not fail');

-- A part

SELECT pms.report_worker('ingest', '{"queue_connected": true}');
SELECT pms.watch_service();
SELECT is_empty($$ SELECT * FROM pms.service_failures $$, 'nor does one whose parts report');

SELECT pms.report_worker('ingest', '{"queue_connected": false}');
SELECT pms.watch_service();
SELECT pg_temp.later('50 seconds');
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'a failure of a moment is not published');
SELECT pg_temp.later('20 seconds');
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() $$,
    $$ VALUES ('service_failed', 'part_down', 'ingest', FALSE) $$,
    'one that lasts for a minute is'
);
SELECT pg_temp.later('1 hour');
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'once');

SELECT pms.report_worker('ingest', '{"queue_connected": true}');
SELECT pms.watch_service();
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() $$,
    $$ VALUES ('service_recovered', 'part_down', 'ingest', TRUE) $$,
    'and its end is'
);
SELECT pms.watch_service();
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'once');

UPDATE pms.worker_reports SET reported_at = now() - interval '1 minute';
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('part_down') $$,
    $$ VALUES ('ingest', 'does not report') $$,
    'a part that is silent is down'
);
SELECT pms.watch_service();
SELECT pms.report_worker('ingest', '{"queue_connected": true}');
SELECT pg_temp.later('2 minutes');
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'the end of what was not published is not');

-- Jobs

INSERT INTO pms.job_runs (job, started_by, status, error, finished_at)
VALUES ('sum_pnl', 'schedule', 'failed', 'no space', now());
INSERT INTO pms.job_runs (job, started_by, status) VALUES ('sum_pnl', 'schedule', 'running');
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('job_failing') $$,
    $$ VALUES ('sum_pnl', 'no space') $$,
    'a job fails until a run of it has succeeded'
);
INSERT INTO pms.job_runs (job, started_by, status, finished_at)
VALUES ('sum_pnl', 'schedule', 'succeeded', now());
SELECT is_empty($$ SELECT * FROM pg_temp.failing('job_failing') $$, 'and then no more');
UPDATE pms.job_runs SET started_at = started_at - interval '5 minutes' WHERE job = 'sum_pnl';
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('job_failing') $$,
    $$ VALUES ('sum_pnl', 'overdue') $$,
    'one that does not run is overdue'
);

-- Prices of positions that are not of the demo

SELECT o.outcome
FROM pms.apply_order_events(ARRAY[
    '{"event_type": "order_executed", "execution_id": "1", "asset": "ONE", "side": "buy",
      "account": "demo-a", "execution_quantity": "1", "execution_price": "10"}'
]::jsonb[]) o;
SELECT is_empty($$ SELECT * FROM pg_temp.failing('prices_stale') $$, 'nobody prices the demo');
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[
    '{"event_type": "order_executed", "execution_id": "2", "asset": "ONE", "side": "buy",
      "execution_quantity": "1", "execution_price": "10"}'
]::jsonb[]) o;
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('prices_stale') $$, $$ VALUES ('', '1 assets') $$,
    'a position without a price is a failure of its feed'
);
SELECT o.outcome
FROM pms.apply_prices(ARRAY[
    '{"event_type": "ticker", "payload": {"symbol": "ONE", "mark_price": "10"}}'
]::jsonb[]) o;
SELECT is_empty($$ SELECT * FROM pg_temp.failing('prices_stale') $$, 'until it has one');

-- Messages, events, backups, the ledger

SELECT pms.record_rejected_messages(
    'prices', ARRAY['{}'::bytea], '{invalid_asset}', '{"symbol: must be given"}', '{NULL}'
);
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('messages_rejected') $$,
    $$ VALUES ('', 'invalid_asset: symbol: must be given') $$,
    'a rejected message is a failure'
);
UPDATE pms.rejected_messages SET first_seen_at = now() - interval '16 minutes';
SELECT is(
    (SELECT count(*) FROM pg_temp.failing('messages_rejected')), 1::bigint,
    'also where it was rejected before'
);
UPDATE pms.rejected_messages SET last_seen_at = now() - interval '16 minutes';
SELECT is_empty($$ SELECT * FROM pg_temp.failing('messages_rejected') $$, 'for a quarter of an hour');

SELECT is_empty($$ SELECT * FROM pg_temp.failing('events_delayed') $$, 'events may wait');
UPDATE pms.outbox SET created_at = now() - interval '31 seconds';
SELECT is(
    (SELECT count(*) FROM pg_temp.failing('events_delayed')), 1::bigint, 'for half a minute'
);

UPDATE pms.event_epoch SET number = extract(EPOCH FROM now() - interval '37 hours') * 1000;
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('backup_old') $$, $$ VALUES ('', '37 hours') $$,
    'a backup may be a day and a half old'
);

UPDATE pms.positions SET realized = realized + 1 WHERE account = 'main';
SELECT pms.verify_ledger();
SELECT results_eq(
    $$ SELECT * FROM pg_temp.failing('ledger_differs') $$, $$ VALUES ('', '1 rows') $$,
    'a row that differs from its entries is a failure'
);

SELECT * FROM finish();
ROLLBACK;
