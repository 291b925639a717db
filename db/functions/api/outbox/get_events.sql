CREATE OR REPLACE FUNCTION pms.events_in_scope(
    accounts text[],
    types text[],
    after bigint,
    at_most integer
)
RETURNS TABLE (number bigint, payload jsonb)
LANGUAGE plpgsql
STABLE
-- Statistics of a log that grows are old. Rows in the order of an index end with the page.
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
    IF accounts IS NULL AND NOT types && '{position_updated,portfolio_updated}'::text[] THEN
        RETURN QUERY
        SELECT l.number, l.payload
        FROM pms.event_log l
        WHERE l.number > events_in_scope.after
            AND l.type = ANY(events_in_scope.types)
            -- Written as event_log_others_idx has it.
            AND l.type NOT IN ('position_updated', 'portfolio_updated')
        ORDER BY l.number
        LIMIT events_in_scope.at_most;
    ELSIF accounts IS NULL THEN
        RETURN QUERY
        SELECT l.number, l.payload
        FROM pms.event_log l
        WHERE l.number > events_in_scope.after
            AND (events_in_scope.types IS NULL OR l.type = ANY(events_in_scope.types))
        ORDER BY l.number
        LIMIT events_in_scope.at_most;
    ELSE
        -- Account by account: events of others cost nothing, and do not show in the time.
        RETURN QUERY
        SELECT o.number, o.payload
        FROM unnest(events_in_scope.accounts) a (account)
        CROSS JOIN LATERAL (
            SELECT l.number, l.payload
            FROM pms.event_log l
            WHERE l.account = a.account
                AND l.number > events_in_scope.after
                AND (events_in_scope.types IS NULL OR l.type = ANY(events_in_scope.types))
            ORDER BY l.number
            LIMIT events_in_scope.at_most
        ) o
        ORDER BY o.number
        LIMIT events_in_scope.at_most;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.events_in_scope IS
$$The oldest events of accounts after a number

accounts: null for all events, also those about all accounts. types: null for every type.$$;

CREATE OR REPLACE FUNCTION pms.newest_event_in_scope(accounts text[], after bigint)
RETURNS text
LANGUAGE plpgsql
STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
    IF accounts IS NULL THEN
        RETURN (
            SELECT l.payload ->> 'cursor'
            FROM pms.event_log l
            WHERE l.number > newest_event_in_scope.after
            ORDER BY l.number DESC
            LIMIT 1
        );
    END IF;

    RETURN (
        SELECT o.cursor
        FROM unnest(newest_event_in_scope.accounts) a (account)
        CROSS JOIN LATERAL (
            SELECT
                l.number,
                l.payload ->> 'cursor' AS cursor
            FROM pms.event_log l
            WHERE l.account = a.account
                AND l.number > newest_event_in_scope.after
            ORDER BY l.number DESC
            LIMIT 1
        ) o
        ORDER BY o.number DESC
        LIMIT 1
    );
END
$$;

COMMENT ON FUNCTION pms.newest_event_in_scope IS
'The cursor of the newest event of accounts, if it is after a number; null for all events.';

CREATE OR REPLACE FUNCTION api.get_events(
    after text DEFAULT NULL,
    types text DEFAULT NULL,
    account text DEFAULT NULL,
    page_limit text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('after', 'cursor', after),
        ('types', 'event_types', types),
        ('account', 'account', account),
        ('limit', 'limit', page_limit)
    ]::pms.argument[]);
    v_limit CONSTANT integer := coalesce((asked.value ->> 'limit')::integer, 100);
    v_after text := asked.value ->> 'after';
    v_first bigint;
    v_number bigint;
    v_account text;
    v_accounts text[];
    v_events jsonb[];
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    v_account := pms.require_account(asked.value ->> 'account');
    v_accounts := CASE WHEN v_account IS NULL THEN pms.account_scope() ELSE ARRAY[v_account] END;
    v_first := (SELECT b.first FROM pms.log_bounds() b);
    v_number := coalesce(pms.cursor_number(v_after), v_first - 1);

    IF v_after IS NOT NULL AND v_number < v_first THEN
        RETURN pms.error_response(
            410, 'CURSOR_EXPIRED', 'after: the log begins later; read from its beginning',
            jsonb_build_object('after', v_after)
        );
    END IF;

    v_events := ARRAY(
        SELECT e.payload
        FROM pms.events_in_scope(
            v_accounts, string_to_array(asked.value ->> 'types', ','), v_number, v_limit + 1
        ) e
        ORDER BY e.number
    );

    RETURN jsonb_build_object(
        'events', to_jsonb(v_events[:v_limit]),
        'next_cursor', CASE
            WHEN cardinality(v_events) > v_limit THEN v_events[v_limit] ->> 'cursor'
            -- Also past events of other types, so that none is looked at again.
            ELSE coalesce(pms.newest_event_in_scope(v_accounts, v_number), v_after)
        END,
        'has_more', cardinality(v_events) > v_limit
    );
END
$$;

COMMENT ON FUNCTION api.get_events IS $$Read the log of events on from a cursor

Oldest first, as they are sent to subscribers. next_cursor is what to pass as after next time: that
of the last event that was looked at, of any type, else after. Without after: from the oldest event
that is kept; without page_limit: 100. types: separated by commas. An event about all accounts, such
as portfolio_updated, is shown to keys without accounts only, unless account is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 410 CURSOR_EXPIRED when the log does not have the event of the cursor any more$$;

GRANT EXECUTE ON FUNCTION api.get_events TO pms_reader, pms_trader, pms_operator;
