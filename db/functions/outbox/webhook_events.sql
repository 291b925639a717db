CREATE OR REPLACE FUNCTION pms.webhook_events(
    endpoint text,
    OUT scanned bigint,
    OUT events jsonb
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
SET enable_seqscan = off
AS $$
DECLARE
    c_at_most CONSTANT integer := 1000;
    v_after bigint;
BEGIN
    -- A new endpoint starts at the end of the log. After the restoration of an older database the
    -- log ends before the pointer.
    INSERT INTO pms.webhooks AS w (endpoint, number)
    SELECT webhook_events.endpoint, b.last
    FROM pms.log_bounds() b
    ON CONFLICT ON CONSTRAINT webhooks_pkey DO UPDATE
    SET number = least(w.number, excluded.number)
    RETURNING w.number INTO v_after;

    SELECT
        coalesce(max(l.number), v_after),
        coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'number', l.number,
                    'id', l.id,
                    'body', l.payload::text,
                    'logged_at', extract(EPOCH FROM l.logged_at)
                )
                ORDER BY l.number
            ) FILTER (
                WHERE l.type IN (
                        'limit_breached', 'limit_cleared', 'discrepancy_opened', 'service_failed',
                        'service_recovered'
                    )
            ),
            '[]'
        )
    INTO scanned, events
    FROM (
        SELECT k.*
        FROM pms.event_log k
        WHERE k.number > v_after
        ORDER BY k.number
        LIMIT c_at_most
    ) l;
END
$$;

COMMENT ON FUNCTION pms.webhook_events IS $$The events that a webhook has to send next, oldest first

endpoint: any text that stands for its URL. Looks at the next thousand events of the log; scanned is
the number of the last of them. Each event: {number, id, body, logged_at}, the last in seconds.$$;

GRANT EXECUTE ON FUNCTION pms.webhook_events TO pms_worker;

CREATE OR REPLACE FUNCTION pms.note_webhook(endpoint text, number bigint)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
UPDATE pms.webhooks w
SET number = note_webhook.number
WHERE w.endpoint = note_webhook.endpoint
    AND w.number < note_webhook.number
$$;

COMMENT ON FUNCTION pms.note_webhook IS
'Note that a webhook has sent what it sends of the log, up to a number.';

GRANT EXECUTE ON FUNCTION pms.note_webhook TO pms_worker;
