CREATE OR REPLACE FUNCTION pms.publish_portfolio()
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_portfolio jsonb := pms.portfolio_json(pms.current_legs(NULL), NULL, NULL);
    v_totals jsonb := v_portfolio - '{calculated_at,by_asset,limits}'::text[];
    v_event_id uuid := gen_random_uuid();
    v_now text := pms.time_text(clock_timestamp());
BEGIN
    PERFORM pms.record_breaches(v_portfolio -> 'limits');

    INSERT INTO pms.portfolio_announcement AS a (totals)
    VALUES (v_totals)
    ON CONFLICT ON CONSTRAINT portfolio_announcement_pkey DO UPDATE
    SET totals = excluded.totals
    WHERE a.totals <> excluded.totals;

    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload)
    VALUES (
        v_event_id, 'portfolio', 'all', 'portfolio_updated',
        v_totals || jsonb_build_object(
            'event_type', 'portfolio_updated',
            'event_id', v_event_id,
            'trace_id', NULL,
            'occurred_at', v_now,
            'timestamp', v_now
        )
    );
    NOTIFY pms_outbox;
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.publish_portfolio IS $$Leave portfolio_updated in the outbox if need be

And limit_breached or limit_cleared, where a limit has just been passed or holds again. True when a
total has changed since the last one. How often it is called is how often subscribers hear of it;
what has changed in between is in the next one.$$;

GRANT EXECUTE ON FUNCTION pms.publish_portfolio TO pms_worker;
