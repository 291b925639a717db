-- Deploy position_manager:functions/api/record_fills to pg
-- requires: functions/pms/apply_order_events
-- requires: functions/pms/asked_account
-- requires: functions/pms/is_batch
-- requires: functions/pms/outcome_json
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION api.record_fills(fills jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF NOT pms.is_batch(fills) THEN
        RETURN pms.refusal(
            400, 'VALIDATION_ERROR', 'fills must be an array',
            jsonb_build_object('field', 'fills', 'expected', 'an array of 1 to 1000 fills')
        );
    END IF;

    RETURN jsonb_build_object('outcomes', (
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
                FROM jsonb_array_elements(record_fills.fills) WITH ORDINALITY f (fill, place)
                ORDER BY f.place
            ),
            'api'
        ) o
    ));
END
$$;

COMMENT ON FUNCTION api.record_fills IS $$Record fills by hand, with one outcome each

fills: an array of 1 to 1000 objects with the fields of an execution (contract.md, section 2):
execution_id (or order_id with executed_at), asset, side, execution_quantity, execution_price,
execution_fees, executed_at, account, mode, position_side. Answers {outcomes}: applied,
duplicate, ignored or rejected with reason and detail; one bad fill costs its neighbours nothing.
Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is not such an array$$;

GRANT EXECUTE ON FUNCTION api.record_fills TO pms_trader, pms_operator;

COMMIT;
