CREATE OR REPLACE FUNCTION pms.outcome_json(o pms.outcome)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'ordinal', (o).ordinal,
    'outcome', (o).outcome,
    'reason', (o).reason,
    'detail', (o).detail,
    'trace_id', (o).trace_id
);

COMMENT ON FUNCTION pms.outcome_json IS 'The outcome of one message, as the API answers it.';

CREATE OR REPLACE FUNCTION pms.submit(event_type text, list jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_trace_id text := pms.trace_id();
    v_messages jsonb[];
BEGIN
    IF event_type = 'ticker' THEN
        -- A price is of all accounts.
        PERFORM pms.require_unscoped_key();

        v_messages := ARRAY(
            SELECT
                jsonb_build_object(
                    'event_type', submit.event_type, 'trace_id', v_trace_id, 'payload', e.item
                )
            FROM jsonb_array_elements(submit.list) WITH ORDINALITY e (item, place)
            ORDER BY e.place
        );
        RETURN (
            SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
            FROM pms.apply_prices(v_messages, 'api') o
        );
    END IF;

    v_messages := ARRAY(
        SELECT
            CASE
                WHEN jsonb_typeof(e.item) <> 'object' THEN e.item
                ELSE jsonb_build_object('trace_id', v_trace_id)
                    || e.item
                    || jsonb_build_object('event_type', submit.event_type)
                    || CASE
                        WHEN coalesce(
                                pms.account_name(e.item #>> '{order,account}'),
                                pms.account_name(e.item ->> 'account')
                            ) IS NULL
                            THEN jsonb_build_object('account', pms.resolve_account(NULL))
                        ELSE '{}'
                    END
            END
        FROM jsonb_array_elements(submit.list) WITH ORDINALITY e (item, place)
        ORDER BY e.place
    );
    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_order_events(v_messages, 'api') o
    );
END
$$;

COMMENT ON FUNCTION pms.submit IS $$Apply events sent by hand; an array of their outcomes, in order

event_type: as messages have it; ticker for prices. list: an array of their fields. An event that
names no account is of the default account, see pms.resolve_account. Refuses with:
- 403 when the key is bound to accounts and the events are prices$$;

CREATE OR REPLACE FUNCTION pms.outcome_response(outcome jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF outcome ->> 'outcome' <> 'rejected' THEN
        RETURN outcome - 'ordinal';
    END IF;

    IF outcome ->> 'reason' IN ('identity_conflict', 'suspected_repeat') THEN
        RETURN pms.error_response(
            409, 'CONFLICT',
            CASE outcome ->> 'reason'
                WHEN 'identity_conflict' THEN 'already recorded with other content'
                ELSE 'already recorded under another id'
            END,
            jsonb_build_object('reason', outcome -> 'reason', 'detail', outcome -> 'detail')
        );
    END IF;

    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', outcome ->> 'detail',
        jsonb_build_object(
            'field', split_part(outcome ->> 'detail', ':', 1), 'reason', outcome -> 'reason'
        )
    );
END
$$;

COMMENT ON FUNCTION pms.outcome_response IS $$The answer to one event sent by hand

A rejected event becomes a refusal: 409 when it contradicts an earlier one, else 400.$$;

CREATE OR REPLACE FUNCTION pms.batch_error(name text, list jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_size integer := CASE jsonb_typeof(list) WHEN 'array' THEN jsonb_array_length(list) END;
BEGIN
    IF v_size BETWEEN 1 AND 1000 THEN
        RETURN NULL;
    END IF;

    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', format('%1$s must be an array of 1 to 1000 %1$s', name),
        jsonb_build_object('field', name, 'expected', format('an array of 1 to 1000 %s', name))
    );
END
$$;

COMMENT ON FUNCTION pms.batch_error IS
'The refusal of a list that is not an array of 1 to 1000 elements; null if it is one.';
