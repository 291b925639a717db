-- Health and metrics of the worker's reports.
\set ON_ERROR_STOP on
BEGIN;
-- As for the roles of the service: compiling takes seconds, and ages are compared with them.
SET LOCAL jit = off;
SELECT plan(23);

SELECT is(
    api.get_health() - '{timestamp,version,jobs,oldest_verification_age_seconds}'::text[],
    '{"status": "unhealthy", "service": "position-manager", "database_connected": true,
      "queue_connected": false, "stream_connected": false, "positions_count": 0, "worker_lag_ms": null,
      "newest_fill_age_seconds": null, "newest_price_age_seconds": null, "outbox_depth": 0, "outbox_age_seconds": null,
      "dead_letters": 0, "reviews": {}, "positions_needing_review": 0, "pending_amendments": 0,
      "assumed_instruments_count": 0, "ledger_verified_at": null, "ledger_discrepancies": null}',
    'without a worker the service is unhealthy, and unknown values are null'
);
SELECT is(current_setting('response.status'), '503', 'unhealthy is 503');
SELECT is(
    current_setting('response.headers')::jsonb #>> '{0,X-Health}' LIKE '%"unhealthy"%', TRUE,
    'the health document reaches the gateway in a header'
);

SELECT pms.report_worker('ingest', '{"queue_connected": true}');
SELECT is(
    api.get_health() -> 'queue_connected', 'false', 'one part of the worker is not enough'
);
SELECT pms.report_worker('relay', '{"queue_connected": true}');
SELECT is(api.get_health() ->> 'status', 'healthy', 'both parts connected: healthy');

SELECT pms.report_stream('{"stream_clients": 3}');
SELECT is(api.get_health() -> 'stream_connected', 'true', 'the stream reports while it reads');
SELECT matches(
    api.get_metrics_text()::text,
    E'position_manager_stream_connected 1\n(?:.*\n)*position_manager_worker_stream_clients.* 3\n',
    'and what it reports are metrics'
);

UPDATE pms.worker_reports
SET reported_at = clock_timestamp() - interval '11 seconds'
WHERE part = 'relay';
SELECT is(
    api.get_health() -> 'queue_connected', 'false',
    'a part silent for longer than worker_silence_limit is disconnected'
);

SELECT pms.report_worker(
    'ingest',
    '{"queue_connected": false, "messages": {"prices": {"applied": 40, "stale": 2}},
      "batches": 3, "last_batch_seconds": 0.0015, "queue_depths": {"ws-gateway.ticker": 5},
      "queue_consumers": {"ws-gateway.ticker": 1}}'
);
SELECT pms.report_worker(
    'relay', '{"queue_connected": false, "messages": null, "queue_depths": null}'
);
SELECT is(
    (api.get_metrics() -> 'worker') #> '{ingest,messages}',
    '{"prices": {"applied": 40, "stale": 2}}',
    'metrics count messages by feed and outcome'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_queue_connected 0'),
        ('position_manager_messages_total{feed="prices",outcome="applied"} 40'),
        ('position_manager_messages_total{feed="prices",outcome="stale"} 2'),
        ('position_manager_queue_messages{part="ingest",queue="ws-gateway.ticker"} 5'),
        ('position_manager_queue_consumers{part="ingest",queue="ws-gateway.ticker"} 1'),
        ('position_manager_worker_last_batch_seconds{part="ingest"} 0.0015'),
        ('position_manager_validation_fixes_total 0'),
        ('# TYPE position_manager_messages_total counter')
    $$,
    'Prometheus reads the same figures'
);
SELECT unalike(
    api.get_metrics_text()::text, '%position_manager_ledger%', 'an unverified ledger has no metrics'
);

-- The gateway

SELECT is(api.get_metrics() -> 'http', '{}', 'no requests are counted before the log is read');
SELECT is(api.get_metrics() -> 'prices', 'null', 'a price is not needed without open positions');
SELECT pms.report_worker(
    'gateway',
    '{"requests": {"/api/v1/portfolio": {"GET": {"200": 3, "401": 1}}}, "refused_keys": 1,
      "limited": {"key abc": 2},
      "seconds": {"/api/v1/portfolio": {"buckets": {"0.5": 3, "10": 4, "+Inf": 4}, "sum": 0.75,
                                        "count": 4}}}'
);
SELECT is(
    api.get_metrics() #> '{http,requests}', '{"/api/v1/portfolio": {"GET": {"200": 3, "401": 1}}}',
    'metrics count requests by path, method and status'
);
SELECT is(
    api.get_metrics() -> 'worker' ? 'gateway', FALSE, 'the log reader is not a part of the worker'
);
SELECT is(
    api.get_health() -> 'queue_connected', 'false', 'and it reports nothing about the queues'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_http_requests_total'
            '{path="/api/v1/portfolio",method="GET",status="401"} 1'),
        ('position_manager_http_limited_total{by="key abc"} 2'),
        ('position_manager_http_refused_keys_total 1'),
        ('# TYPE position_manager_http_request_duration_seconds histogram'),
        ('position_manager_http_request_duration_seconds_sum{path="/api/v1/portfolio"} 0.75'),
        ('position_manager_http_request_duration_seconds_count{path="/api/v1/portfolio"} 4')
    $$,
    'and so does Prometheus'
);
SELECT is(
    (
        SELECT array_agg(b.found[1] ORDER BY b.place)
        FROM regexp_matches(api.get_metrics_text()::text, 'seconds_bucket.*?,le="([^"]+)"', 'g')
            WITH ORDINALITY b (found, place)
    ),
    '{0.5,10,+Inf}', 'the bounds of a histogram are in order'
);

INSERT INTO pms.outbox (aggregatetype, aggregateid, type, payload, created_at)
VALUES ('position', 'a', 'position_updated', '{}', now() - interval '90 seconds'),
('position', 'a', 'position_updated', '{}', now());
SELECT ok(
    (api.get_metrics() ->> 'outbox_age_seconds')::integer
    BETWEEN 90 AND 91 + extract(epoch FROM clock_timestamp() - now()),
    'the age of the outbox is that of its oldest event'
);
SELECT pms.report_worker(
    'ingest', '{"queue_connected": false, "queue_ages": {"ws-gateway.ticker": 4.5},
                "batch_sizes": {"prices": {"buckets": {"+Inf": 1}, "sum": 7, "count": 1}}}'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_queue_not_empty_seconds{part="ingest",queue="ws-gateway.ticker"} 4.5'),
        ('position_manager_batch_messages_sum{feed="prices"} 7')
    $$,
    'the ages of the queues and the sizes of batches are reported'
);

UPDATE pms.verification_progress SET verified_at = '2026-01-01T00:00:01.5Z';
INSERT INTO pms.ledger_findings (account, asset, mode, findings, verified_at)
VALUES
('main', 'BTCUSDT', 'one-way', '[{}, {}]', now()),
('main', '', '', '[{}]', now());
UPDATE pms.worker_reports
SET status = '{"queue_connected": true}', reported_at = clock_timestamp();

SELECT is(
    (
        SELECT jsonb_object_agg(h.key, h.value)
        FROM jsonb_each(api.get_health()) h
        WHERE h.key IN ('status', 'ledger_verified_at', 'ledger_discrepancies')
    ),
    '{"status": "healthy", "ledger_verified_at": "2026-01-01T00:00:01.500000Z",
      "ledger_discrepancies": 3}',
    'the findings that stand are reported without failing health'
);
SELECT set_has(
    $$ SELECT regexp_split_to_table(api.get_metrics_text(), E'\n') $$,
    $$ VALUES
        ('position_manager_ledger_discrepancies 3'),
        ('position_manager_ledger_verified_timestamp_seconds 1767225601.500000')
    $$,
    'Prometheus knows when, to ask how long ago'
);
SELECT unalike(
    api.get_metrics_text()::text, '%newest_price_age%', 'an unknown metric is left out'
);

SELECT * FROM finish();
ROLLBACK;
