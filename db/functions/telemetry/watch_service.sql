CREATE OR REPLACE FUNCTION pms.failing_now()
RETURNS TABLE (reason text, subject text, detail text, patience interval)
LANGUAGE sql
STABLE
AS $$
SELECT
    'part_down', r.part,
    CASE WHEN q.part IS NULL THEN 'does not report' ELSE 'has lost the broker' END,
    interval '1 minute'
FROM pms.worker_reports r
LEFT JOIN pms.recent_reports() q ON r.part = q.part
WHERE q.part IS NULL
    OR q.status -> 'queue_connected' = 'false'
UNION ALL
SELECT
    'job_failing', j.job, coalesce(l.error, 'overdue'),
    CASE WHEN l.error IS NULL THEN interval '10 minutes' ELSE interval '1 minute' END
FROM pms.job_status j
LEFT JOIN LATERAL (
    -- The last one that has ended: a job that fails is tried again each minute.
    SELECT r.error
    FROM pms.job_runs r
    WHERE r.job = j.job
        AND r.status IN ('succeeded', 'failed')
    ORDER BY r.started_at DESC
    LIMIT 1
) l ON TRUE
WHERE j.is_overdue
    OR l.error IS NOT NULL
UNION ALL
SELECT 'ledger_differs', '', format('%s rows', f.findings), interval '0 seconds'
FROM (SELECT pms.standing_ledger_findings() AS findings) f
WHERE f.findings > 0
UNION ALL
SELECT 'prices_stale', '', format('%s assets', count(*)), interval '5 minutes'
FROM pms.held_assets() a
WHERE a.is_fresh IS NOT TRUE
    AND NOT a.is_of_demo
HAVING count(*) > 0
UNION ALL
SELECT 'messages_rejected', '', concat_ws(': ', n.reason, n.detail), interval '1 minute'
FROM (
    SELECT r.reason, r.detail, r.last_seen_at
    FROM pms.rejected_messages r
    ORDER BY r.last_seen_at DESC
    LIMIT 1
) n
WHERE n.last_seen_at > clock_timestamp() - interval '15 minutes'
UNION ALL
SELECT 'events_delayed', '', 'since ' || pms.time_text(o.since), interval '1 minute'
FROM (SELECT pms.outbox_since() AS since) o
WHERE o.since < clock_timestamp() - interval '30 seconds'
UNION ALL
SELECT 'backup_old', '', format('%s hours', b.age / 3600), interval '0 seconds'
FROM (SELECT pms.verified_backup_age() AS age) b
-- A day, and half of one.
WHERE b.age > 129600
$$;

COMMENT ON FUNCTION pms.failing_now IS $$What of the service fails at this moment

subject: the part or job, or nothing. patience: how long it may fail before that is published; as in
the alerts of Prometheus. Messages count as rejected for a quarter of an hour.$$;

CREATE OR REPLACE FUNCTION pms.watch_service()
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_now CONSTANT timestamptz := clock_timestamp();
    v_events pms.outbox_event[];
BEGIN
    -- Read several times (ADR 0002).
    WITH failing AS MATERIALIZED (
        SELECT n.* FROM pms.failing_now() n
    ),

    begun AS (
        INSERT INTO pms.service_failures (reason, subject, detail, began_at)
        SELECT n.reason, n.subject, n.detail, v_now
        FROM failing n
        ORDER BY n.reason, n.subject
        ON CONFLICT ON CONSTRAINT service_failures_pkey DO NOTHING
    ),

    failed AS (
        UPDATE pms.service_failures f
        SET announced_at = coalesce(
                f.announced_at, CASE WHEN f.began_at <= v_now - n.patience THEN v_now END
            ),
            detail = n.detail
        FROM failing n
        WHERE f.reason = n.reason
            AND f.subject = n.subject
        RETURNING f.*
    ),

    ended AS (
        DELETE FROM pms.service_failures f
        WHERE NOT EXISTS (
                SELECT 1 FROM failing n WHERE n.reason = f.reason AND n.subject = f.subject
            )
        RETURNING f.*
    )

    SELECT array_agg(
        (
            'service', concat_ws('/', c.reason, nullif(c.subject, '')), c.type, NULL,
            jsonb_build_object(
                'reason', c.reason,
                'subject', nullif(c.subject, ''),
                'detail', c.detail,
                'began_at', pms.time_text(c.began_at),
                'ended_at', pms.time_text(c.ended_at),
                'occurred_at', pms.time_text(v_now)
            )
        )::pms.outbox_event
        ORDER BY c.type, c.reason, c.subject
    )
    INTO v_events
    FROM (
        SELECT 'service_failed' AS type, NULL::timestamptz AS ended_at, f.*
        FROM failed f
        WHERE f.announced_at = v_now
        UNION ALL
        SELECT 'service_recovered', v_now, e.* FROM ended e WHERE e.announced_at IS NOT NULL
    ) c;

    PERFORM pms.publish_events(v_events);
END
$$;

COMMENT ON FUNCTION pms.watch_service IS $$Look what of the service fails, and publish each change

Publishes service_failed once a failure has lasted for its patience, and service_recovered when it
has ended. The relay calls it: not a job, for it watches those, too.$$;

GRANT EXECUTE ON FUNCTION pms.watch_service TO pms_worker;
