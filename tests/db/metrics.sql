-- What health and metrics make of what the worker says of itself.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(12);

SELECT is(
    api.get_health() - '{timestamp,jobs}'::text[],
    '{"status": "unhealthy", "service": "position-manager", "database_connected": true,
      "queue_connected": false, "positions_count": 0, "worker_lag_ms": null,
      "newest_fill_age_seconds": null, "newest_price_age_seconds": null, "outbox_depth": 0,
      "dead_letters": 0, "ledger_verified_at": null, "ledger_discrepancies": null}',
    'without a worker nothing is healthy, and what is not known is null'
);
SELECT is(current_setting('response.status'), '503', 'unhealthy is 503');
SELECT is(
    current_setting('response.headers')::jsonb #>> '{0,X-Health}' LIKE '%"unhealthy"%', TRUE,
    'the body goes past the gateway in a header'
);

SELECT pms.report_worker('ingest', '{"queue_connected": true}');
SELECT is(
    api.get_health() -> 'queue_connected', 'false', 'one part of the worker is not enough'
);
SELECT pms.report_worker('relay', '{"queue_connected": true}');
SELECT is(api.get_health() ->> 'status', 'healthy', 'both parts connected: healthy');

UPDATE pms.worker_reports
SET reported_at = clock_timestamp() - interval '11 seconds'
WHERE part = 'relay';
SELECT is(
    api.get_health() -> 'queue_connected', 'false',
    'a part silent for longer than worker_silence_limit is not connected'
);

SELECT pms.report_worker(
    'ingest',
    '{"queue_connected": false, "messages": {"prices": {"applied": 40, "stale": 2}},
      "batches": 3, "last_batch_ms": 1.5, "queue_depths": {"ws-gateway.ticker": 5}}'
);
SELECT pms.report_worker(
    'relay', '{"queue_connected": false, "messages": null, "queue_depths": null}'
);
SELECT is(
    (api.get_metrics() -> 'worker') #> '{ingest,messages}',
    '{"prices": {"applied": 40, "stale": 2}}',
    'metrics tell messages by feed and outcome'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_queue_connected 0'),
        ('position_manager_messages_total{feed="prices",outcome="applied"} 40'),
        ('position_manager_messages_total{feed="prices",outcome="stale"} 2'),
        ('position_manager_queue_messages{queue="ws-gateway.ticker"} 5'),
        ('position_manager_worker_last_batch_ms{part="ingest"} 1.5'),
        ('position_manager_validation_fixes_total 0'),
        ('# TYPE position_manager_messages_total counter')
    $$,
    'Prometheus reads the same figures'
);
SELECT unalike(
    api.get_metrics_text()::text, '%position_manager_ledger%', 'before the ledger is verified nothing is said of it'
);

INSERT INTO pms.verifications (started_at, finished_at, positions, entries, discrepancies)
VALUES
('2026-01-01T00:00:00Z', '2026-01-01T00:00:01.5Z', 3, 4, 2),
('2026-01-01T00:05:00Z', NULL, 1, 1, 7);
UPDATE pms.worker_reports
SET status = '{"queue_connected": true}', reported_at = clock_timestamp();

SELECT is(
    (
        SELECT jsonb_object_agg(h.key, h.value)
        FROM jsonb_each(api.get_health()) h
        WHERE h.key IN ('status', 'ledger_verified_at', 'ledger_discrepancies')
    ),
    '{"status": "healthy", "ledger_verified_at": "2026-01-01T00:00:01.500000Z",
      "ledger_discrepancies": 2}',
    'what the last verification found is told; it makes nobody restart the service'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_ledger_discrepancies 2'),
        ('position_manager_ledger_verified_timestamp_seconds 1767225601.500000')
    $$,
    'Prometheus knows when, to ask how long ago'
);
SELECT unalike(
    api.get_metrics_text()::text, '%newest_price_age%', 'a figure that is not known is left out'
);

SELECT * FROM finish();
ROLLBACK;
