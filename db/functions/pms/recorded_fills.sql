-- Deploy position_manager:functions/pms/recorded_fills to pg
-- requires: functions/pms/apply_order_events
-- requires: functions/pms/asked_account
-- requires: functions/pms/outcome_json
-- requires: functions/pms/trace_id

BEGIN;

CREATE OR REPLACE FUNCTION pms.recorded_fills(fills jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_order_events(
            ARRAY(
                SELECT
                    CASE
                        WHEN jsonb_typeof(f.fill) <> 'object' THEN f.fill
                        ELSE jsonb_build_object('trace_id', pms.trace_id())
                            || f.fill
                            || '{"event_type": "order_executed"}'
                            || CASE
                                WHEN coalesce(
                                    f.fill #>> '{order,account}', f.fill ->> 'account'
                                ) IS NULL
                                    THEN jsonb_build_object('account', pms.asked_account(NULL))
                                ELSE '{}'
                            END
                    END
                FROM jsonb_array_elements(recorded_fills.fills) WITH ORDINALITY f (fill, place)
                ORDER BY f.place
            ),
            'api'
        ) o
    );
END
$$;

COMMENT ON FUNCTION pms.recorded_fills IS
$$Record fills by hand; an array of their outcomes, in order

fills: an array; one that names no account is of that which is meant, see pms.asked_account.$$;

COMMIT;
