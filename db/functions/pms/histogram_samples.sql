-- Deploy position_manager:functions/pms/histogram_samples to pg
-- requires: migrations/metric_samples

BEGIN;

CREATE OR REPLACE FUNCTION pms.histogram_samples(
    name text, help text, label text, histograms jsonb
)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    histogram_samples.name, 'histogram', histogram_samples.help, s.suffix, s.labels, s.value
FROM jsonb_each(
    CASE jsonb_typeof(histogram_samples.histograms)
        WHEN 'object' THEN histogram_samples.histograms
    END
) h
CROSS JOIN LATERAL (VALUES ('{' || '%s="%s"%s' || '}')) l (form)
CROSS JOIN LATERAL (
    SELECT
        '_bucket', format(l.form, histogram_samples.label, h.key, format(',le="%s"', b.key)), b.value
    FROM jsonb_each_text(h.value -> 'buckets') b
    UNION ALL
    SELECT
        '_' || p.part, format(l.form, histogram_samples.label, h.key, ''), h.value ->> p.part
    FROM unnest('{sum,count}'::text[]) p (part)
) s (suffix, labels, value)
$$;

COMMENT ON FUNCTION pms.histogram_samples IS $$Lines of Prometheus for histograms

histograms: by the value of the label {buckets: {bound: count up to it}, sum, count}.$$;

COMMIT;
