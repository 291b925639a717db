CREATE OR REPLACE FUNCTION pms.demo_samples()
RETURNS SETOF pms.metric_sample
LANGUAGE sql
STABLE
AS $$
SELECT
    'demo_price_assets', 'gauge', 'Of price_assets, those that only accounts of the demo hold.', '',
    format('{status="%s"}', k.status), count(a.asset)::text
FROM unnest('{fresh,stale,missing}'::text[]) k (status)
LEFT JOIN pms.held_assets() a
    ON
        a.is_of_demo
        AND k.status = CASE a.is_fresh WHEN TRUE THEN 'fresh' WHEN FALSE THEN 'stale' ELSE 'missing' END
GROUP BY k.status
UNION ALL
SELECT
    'demo_reviews', 'gauge', 'Of reviews, those of positions of the demo.', '',
    format('{code="%s"}', k.code), count(v.account)::text
FROM pms.review_remedies k
LEFT JOIN pms.standing_reviews v ON k.code = v.code AND pms.is_demo(v.account)
GROUP BY k.code
$$;

COMMENT ON FUNCTION pms.demo_samples IS $$Lines of Prometheus for the accounts of the demo

Alerts leave out what these count: nobody feeds prices to the demo once it has ended, and its
discrepancy is there to be seen.$$;
