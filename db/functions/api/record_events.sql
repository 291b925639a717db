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

CREATE OR REPLACE FUNCTION pms.accepted_fields(event_type text)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    c_leg CONSTANT jsonb := '{"account": "account", "asset": "asset", "symbol": "asset",
        "mode": "mode", "position_side": "position_side", "trace_id": "trace_id",
        "event_type": "event_type", "event_id": "event_id"}'::jsonb;
    c_fill CONSTANT jsonb := c_leg || '{"execution_id": "execution_id", "side": "side",
        "quantity": "execution_quantity", "execution_quantity": "execution_quantity",
        "price": "execution_price", "execution_price": "execution_price",
        "fee": "execution_fees", "execution_fees": "execution_fees",
        "fee_currency": "fee_currency", "executed_at": "executed_at", "order_id": "order_id",
        "fill_id": "fill_id"}';
    c_book CONSTANT jsonb := '{"strategy": "strategy", "book": "book", "tag": "tag"}'::jsonb;
BEGIN
    RETURN CASE event_type
        WHEN 'order_executed'
            THEN c_fill || c_book || '{"filled_quantity": "filled_quantity", "fees": "fees", "id": "id",
                "timestamp": "timestamp", "updated_at": "updated_at", "status": "status",
                "is_dry_run": "is_dry_run", "order": "order"}'
        WHEN 'funding'
            THEN c_leg || c_book || '{"funding_id": "funding_id", "amount": "amount",
                "executed_at": "executed_at", "timestamp": "timestamp"}'
        WHEN 'trade_busted'
            THEN c_leg || '{"execution_id": "execution_id", "fill_id": "fill_id",
                "identity": "identity", "side": "side", "order_id": "order_id"}'
        WHEN 'trade_corrected'
            THEN c_fill || '{"identity": "identity", "correction_id": "correction_id",
                "corrected_at": "timestamp"}'
        WHEN 'corporate_action'
            THEN '{"action_id": "action_id", "action": "action", "asset": "asset",
                "effective_at": "effective_at", "ratio": "ratio", "to_asset": "to_asset",
                "rate": "rate", "multiplier": "multiplier", "price": "price", "amount": "amount",
                "is_another": "is_another"}'
        WHEN 'ticker'
            THEN '{"asset": "symbol", "symbol": "symbol", "price": "mark_price",
                "mark_price": "mark_price", "markPrice": "markPrice", "last_price": "last_price",
                "lastPrice": "lastPrice", "timestamp": "timestamp"}'
    END;
END
$$;

COMMENT ON FUNCTION pms.accepted_fields IS $$The names that a client may give the fields of an event

By each name, the field of the message. Any other name is refused.$$;

CREATE OR REPLACE FUNCTION pms.message_account(fields jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN coalesce(
        pms.account_name(fields #>> '{order,account}'), pms.account_name(fields ->> 'account')
    );
END
$$;

COMMENT ON FUNCTION pms.message_account IS
'The account that an event names, itself or by its order; null when it names none.';

CREATE OR REPLACE FUNCTION pms.message_of(event_type text, fields jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF event_type = 'ticker' THEN
        RETURN jsonb_build_object(
            'event_type', event_type, 'trace_id', pms.trace_id(), 'payload', fields
        );
    END IF;

    IF jsonb_typeof(fields) <> 'object' THEN
        RETURN fields;
    END IF;

    RETURN jsonb_build_object('trace_id', pms.trace_id())
        || fields
        || jsonb_build_object('event_type', event_type)
        || CASE
            WHEN pms.message_account(fields) IS NULL
                THEN jsonb_build_object('account', pms.resolve_account(NULL))
            ELSE '{}'
        END;
END
$$;

COMMENT ON FUNCTION pms.message_of IS 'The message of an event that was sent by hand.';

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

CREATE OR REPLACE FUNCTION pms.outcomes_response(outcomes jsonb)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'applied', count(*) FILTER (WHERE o.item ->> 'outcome' = 'applied'),
            'duplicate', count(*) FILTER (WHERE o.item ->> 'outcome' = 'duplicate'),
            'rejected', count(*) FILTER (WHERE o.item ->> 'outcome' = 'rejected'),
            'other', count(*) FILTER (
                WHERE o.item ->> 'outcome' NOT IN ('applied', 'duplicate', 'rejected')
            ),
            'outcomes', outcomes_response.outcomes
        )
        FROM jsonb_array_elements(outcomes_response.outcomes) o (item)
    );
END
$$;

COMMENT ON FUNCTION pms.outcomes_response IS $$The answer to a list of events sent by hand

How many were applied, duplicates, rejected and neither (ignored, stale, held), then the outcomes.$$;

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

CREATE OR REPLACE FUNCTION pms.record_events(
    name text,
    event_type text,
    events jsonb,
    list_name text DEFAULT NULL,
    required text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    command pms.command := pms.begin_command(
        name,
        CASE WHEN list_name IS NULL THEN events ELSE jsonb_build_object(list_name, events) END,
        CASE
            WHEN list_name IS NULL AND event_type NOT IN ('ticker', 'corporate_action')
                THEN pms.resolve_account(events ->> 'account')
        END
    );
    v_names jsonb := pms.accepted_fields(event_type);
    v_answer jsonb;
    v_objections text[];
    v_places integer[];
    v_items jsonb[];
    v_messages jsonb[];
    v_outcomes pms.outcome[] := ARRAY[]::pms.outcome[];
BEGIN
    v_answer := coalesce(
        command.answer,
        CASE WHEN list_name IS NOT NULL THEN pms.batch_error(list_name, events) END,
        CASE
            WHEN required IS NOT NULL AND pms.unless_blank(events ->> required) IS NULL
                THEN pms.error_response(
                        400, 'VALIDATION_ERROR', format('%s is missing', required),
                        jsonb_build_object('field', required, 'expected', '1 to 128 characters')
                    )
        END
    );
    IF v_answer IS NOT NULL THEN
        RETURN pms.end_command(command, v_answer);
    END IF;

    IF event_type = 'ticker' THEN
        -- A price is of all accounts.
        PERFORM pms.require_unscoped_key();
    END IF;

    SELECT
        array_agg(i.objection ORDER BY i.place),
        array_agg(i.place ORDER BY i.place) FILTER (WHERE i.objection IS NULL),
        array_agg(i.item ORDER BY i.place) FILTER (WHERE i.objection IS NULL),
        array_agg(pms.message_of(record_events.event_type, i.fields) ORDER BY i.place)
            FILTER (WHERE i.objection IS NULL)
    INTO v_objections, v_places, v_items, v_messages
    FROM pms.read_items(
        CASE WHEN list_name IS NULL THEN jsonb_build_array(events) ELSE events END, v_names
    ) i;

    IF event_type = 'ticker' AND v_messages IS NOT NULL THEN
        v_outcomes := ARRAY(SELECT o FROM pms.apply_prices(v_messages, 'api') o);
    ELSIF v_messages IS NOT NULL THEN
        v_outcomes := ARRAY(SELECT o FROM pms.apply_order_events(v_messages, 'api') o);
    END IF;

    IF EXISTS (SELECT 1 FROM unnest(v_outcomes) o WHERE o.outcome = 'misdirected') THEN
        -- Nobody forwards a part of a request: it is refused as a whole.
        PERFORM pms.require_own_accounts(ARRAY(
            SELECT pms.message_account(m.message) FROM unnest(v_messages) m (message)
        ));
    END IF;

    SELECT jsonb_agg(r.outcome ORDER BY r.place)
    INTO v_answer
    FROM (
        SELECT
            v_places[o.ordinal] AS place,
            pms.outcome_json(o) || jsonb_build_object(
                'ordinal', v_places[o.ordinal],
                'detail', pms.name_as_given(o.detail, v_items[o.ordinal], v_names)
            ) AS outcome
        FROM unnest(v_outcomes) o
        UNION ALL
        SELECT
            j.place::integer,
            pms.outcome_json((
                j.place::integer, 'rejected', pms.objection_reason(j.objection),
                pms.objection_detail(j.objection), pms.trace_id()
            ))
        FROM unnest(v_objections) WITH ORDINALITY j (objection, place)
        WHERE j.objection IS NOT NULL
    ) r;

    RETURN pms.end_command(command, CASE
        WHEN list_name IS NULL THEN pms.outcome_response(v_answer -> 0)
        ELSE pms.outcomes_response(v_answer)
    END);
END
$$;

COMMENT ON FUNCTION pms.record_events IS $$Apply events sent by hand, as a command of that name

event_type: as messages have it; ticker for prices. events: the fields of one event, or, with the
name of such a list, a list of them; under names of pms.accepted_fields: an event with another field
is rejected. An event that names no account is of the default account, see pms.resolve_account.
required: an id that one event must have. Refuses with:
- 403 when the key is bound to accounts and the events are prices
- 409 and 421 as pms.require_own_accounts$$;
