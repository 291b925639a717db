CREATE OR REPLACE FUNCTION pms.causing_trace(account text, asset text, since timestamptz)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT e.trace_id
-- The newest entries alone: it must not cost more after an import.
FROM (SELECT n.* FROM pms.entries n ORDER BY n.id DESC LIMIT 1000) e
INNER JOIN pms.legs l ON e.leg_id = l.leg_id
WHERE e.recorded_at >= causing_trace.since
    AND (causing_trace.account IS NULL OR l.account = causing_trace.account)
    AND (causing_trace.asset IS NULL OR l.asset = causing_trace.asset)
ORDER BY e.id DESC
LIMIT 1
$$;

COMMENT ON FUNCTION pms.causing_trace IS
$$The trace of the newest entry that a limit concerns; null without one since then

account, asset: null is all. Looks at the newest thousand entries of the ledger.$$;

CREATE OR REPLACE FUNCTION pms.book_of_limit(id text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE split_part(id, '/', 1)
    WHEN 'book' THEN replace(split_part(id, '/', 3), '%2F', '/')
END;

COMMENT ON FUNCTION pms.book_of_limit IS
'The book that a limit is on, by its id, book/ACCOUNT/BOOK/…; null when it is on none.';

-- The views call it with the rights of their readers.
GRANT EXECUTE ON FUNCTION pms.book_of_limit
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.limits_read_at()
RETURNS timestamptz
LANGUAGE sql
STABLE
RETURN (
    SELECT max(r.read_at)
    FROM pms.portfolio_readings r
    WHERE r.reader IN ('announcement', 'limits')
);

COMMENT ON FUNCTION pms.limits_read_at IS 'When the limits were last judged for their breaches.';

CREATE OR REPLACE FUNCTION pms.record_breaches(limits pms.limit_state[], since timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_now timestamptz;
    v_events pms.outbox_event[];
BEGIN
    -- The common case: no limit is breached, none was.
    IF NOT EXISTS (SELECT 1 FROM unnest(record_breaches.limits) u WHERE u.level = 'breach')
        AND NOT EXISTS (SELECT 1 FROM pms.limit_breaches b WHERE b.ended_at IS NULL)
    THEN
        RETURN;
    END IF;

    -- One at a time, so that each beginning and each end is published once.
    LOCK TABLE pms.limit_breaches IN SHARE ROW EXCLUSIVE MODE;
    v_now := clock_timestamp();

    -- Read several times (ADR 0002).
    WITH used AS MATERIALIZED (
        SELECT u.* FROM unnest(record_breaches.limits) u
    ),

    raised AS (
        UPDATE pms.limit_breaches b
        SET peak_value = u.value,
            peak_at = v_now
        FROM used u
        WHERE b.limit_id = u.id
            AND b.ended_at IS NULL
            AND u.level = 'breach'
            AND u.value > b.peak_value
    ),

    ended AS (
        UPDATE pms.limit_breaches b
        SET ended_at = greatest(v_now, b.began_at)
        WHERE b.ended_at IS NULL
            AND NOT EXISTS (
                SELECT 1
                FROM used u
                INNER JOIN pms.limits l ON u.id = l.id
                WHERE u.id = b.limit_id
                    AND (u.level = 'breach' OR u.value > l.clear_level)
            )
        RETURNING b.*
    ),

    began AS (
        INSERT INTO pms.limit_breaches AS b (
            account, limit_id, asset, metric, breach_level, began_at, peak_value, peak_at,
            trace_id
        )
        SELECT
            coalesce(pms.base_account(u.account), '*'), u.id, coalesce(u.asset, '*'), u.metric,
            u.breach_level, v_now,
            u.value, v_now, pms.causing_trace(u.account, u.asset, record_breaches.since)
        FROM used u
        WHERE u.level = 'breach'
            AND NOT EXISTS (
                SELECT 1
                FROM pms.limit_breaches o
                WHERE o.account = coalesce(pms.base_account(u.account), '*')
                    AND o.limit_id = u.id
                    AND o.ended_at IS NULL
            )
        ORDER BY u.id
        RETURNING b.*
    )

    SELECT array_agg(
        (
            'limit', e.limit_id, e.type, CASE e.type WHEN 'limit_breached' THEN e.trace_id END,
            jsonb_build_object(
                'limit_id', e.limit_id,
                'scope', split_part(e.limit_id, '/', 1),
                'account', nullif(e.account, '*'),
                'book', pms.book_of_limit(e.limit_id),
                'asset', nullif(e.asset, '*'),
                'metric', e.metric,
                'limit', pms.decimal_text(e.breach_level),
                -- Null: the limit is gone.
                'value', pms.decimal_text(u.value),
                'utilisation', pms.decimal_text(pms.div_round(u.value, e.breach_level, 12)),
                'peak_value', pms.decimal_text(e.peak_value),
                'began_at', pms.time_text(e.began_at),
                'ended_at', pms.time_text(e.ended_at),
                'occurred_at', pms.time_text(v_now)
            )
        )::pms.outbox_event
        ORDER BY e.type, e.limit_id
    )
    INTO v_events
    FROM (
        SELECT 'limit_cleared' AS type, c.* FROM ended c
        UNION ALL
        SELECT 'limit_breached', c.* FROM began c
    ) e
    LEFT JOIN used u ON e.limit_id = u.id;

    PERFORM pms.publish_events(v_events);
END
$$;

COMMENT ON FUNCTION pms.record_breaches IS
$$Record which limits are breached, and publish each change

limits: all of them, see pms.account_limits; since: when they were last judged, an entry recorded
since then counts as the cause of a breach. One with a clear_level ends at or below that. Publishes
limit_breached and limit_cleared, once for each breach.$$;

CREATE OR REPLACE FUNCTION pms.check_limits(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
-- One step: limits are judged together. The next statement reads what this one recorded.
SELECT
    pms.store_reading('{limits}', r),
    pms.record_breaches(r.limits, s.last)
FROM pms.read_portfolio('limits', clock_timestamp()) r
CROSS JOIN (SELECT pms.limits_read_at() AS last) s
WHERE r.limits IS NOT NULL;

SELECT
    NULL::jsonb,
    format(
        '%s limits watched, %s breached',
        (SELECT count(*) FROM pms.limits l),
        (SELECT count(*) FROM pms.limit_breaches b WHERE b.ended_at IS NULL)
    )
$$;

COMMENT ON FUNCTION pms.check_limits IS $$A job: look whether the limits hold

A step of it, see pms.job_step. While positions change, pms.publish_portfolio does the same; this is
for changes without one: a day ends, a limit is set or removed. Safe to repeat.$$;
