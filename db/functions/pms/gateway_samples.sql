-- Deploy position_manager:functions/pms/gateway_samples to pg
-- requires: functions/pms/histogram_samples

BEGIN;

CREATE OR REPLACE FUNCTION pms.gateway_samples(http jsonb)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    'http_requests_total', 'counter', 'Requests since the reader of the log started.', '',
    format('{path="%s",method="%s",status="%s"}', r.key, m.key, s.key), s.value
FROM jsonb_each(gateway_samples.http -> 'requests') r
CROSS JOIN LATERAL jsonb_each(r.value) m
CROSS JOIN LATERAL jsonb_each_text(m.value) s
UNION ALL
SELECT
    'http_limited_total', 'counter', 'Requests refused with 429.', '',
    format('{by="%s"}', l.key), l.value
FROM jsonb_each_text(gateway_samples.http -> 'limited') l
UNION ALL
SELECT
    'http_refused_keys_total', 'counter', 'Requests with a key that opens nothing.', '', '',
    gateway_samples.http ->> 'refused_keys'
UNION ALL
SELECT s.*
FROM pms.histogram_samples(
    'http_request_duration_seconds', 'As the gateway measures it.', 'path',
    gateway_samples.http -> 'seconds'
) s
$$;

COMMENT ON FUNCTION pms.gateway_samples IS $$Lines of Prometheus for what the gateway has answered

http: as the reader of its log reports.$$;

COMMIT;
