CREATE OR REPLACE FUNCTION pms.record_closes(settled pms.finding[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.estimated_closes (
        account, asset, mode, leg, identity, reported_at, effective_at
    )
    SELECT f.account, f.asset, f.mode, f.leg, f.identity, f.effective_at, f.effective_at
    FROM unnest(record_closes.settled) f
    WHERE f.closing <> 0;

    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            f.account, f.asset, f.mode, f.leg, 'unknown_close', f.identity,
            format(
                '%s closed at an unknown price at %s: accept discrepancy %s with a price',
                pms.decimal_text(abs(f.closing)), pms.time_text(f.effective_at),
                pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field)
            )
        )::pms.review
        FROM unnest(record_closes.settled) f
        WHERE f.closing <> 0
            AND f.closing_price IS NULL
    ));
END
$$;

COMMENT ON FUNCTION pms.record_closes IS
$$Record which adjustments close what no fill explains; flag those without a price

settled: the findings whose entries have been posted. The legs must be locked.$$;
