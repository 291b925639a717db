CREATE OR REPLACE FUNCTION api.get_health()
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_is_connected boolean := pms.queue_connected();
    v_health jsonb;
BEGIN
    v_health := pms.backlog() || pms.last_verification() || pms.review_counts() || jsonb_build_object(
        'status', CASE WHEN v_is_connected THEN 'healthy' ELSE 'unhealthy' END,
        'service', 'position-manager',
        'version', (SELECT d.version FROM pms.deployed_version d),
        'database_connected', TRUE,
        'queue_connected', v_is_connected,
        'stream_connected', pms.stream_connected(),
        'jobs', pms.job_ages(),
        'positions_count', (
            SELECT count(DISTINCT (p.account, p.asset, p.mode))
            FROM pms.positions p
            WHERE p.version > 0
                AND NOT pms.is_book(p.account)
        ),
        'timestamp', pms.time_text(clock_timestamp())
    );

    IF NOT v_is_connected THEN
        PERFORM set_config('response.status', '503', TRUE);
        -- The gateway replaces the body of every 503; this is how ours gets through.
        PERFORM set_config(
            'response.headers',
            jsonb_build_array(jsonb_build_object('X-Health', v_health::text))::text,
            TRUE
        );
    END IF;

    RETURN v_health;
END
$$;

COMMENT ON FUNCTION api.get_health IS $$Show the health of the service

503 when the queue is not connected: a part of the worker reports it, or has been silent too long.
On top of the contract: version (of the code in the database), stream_connected (whether clients
are sent events; the service is healthy without), worker_lag_ms,
newest_fill_age_seconds, newest_price_age_seconds, outbox_depth, outbox_age_seconds, dead_letters
(stops at 10000); reviews (reasons why positions need review, by code), positions_needing_review;
pending_amendments (busts and corrections without their fill; stops at 10000);
assumed_instruments_count (assets with a position whose contract nobody has confirmed, though their
name does not end in the quote that is assumed);
ledger_verified_at (changes committed before it have been verified),
ledger_discrepancies (the findings that stand: for people, not for a supervisor that restarts
services), oldest_verification_age_seconds (every part of the ledger has been folded again within
this time); jobs: of each {age_seconds, overdue}, the age being that of its last success.$$;

GRANT EXECUTE ON FUNCTION api.get_health TO pms_anon, pms_reader, pms_trader, pms_operator;
