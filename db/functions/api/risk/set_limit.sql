CREATE OR REPLACE FUNCTION pms.limit_objection(
    metric text,
    breach_level numeric,
    warn_level numeric,
    clear_level numeric,
    asset text
)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_ceiling numeric := CASE metric WHEN 'exposure_share' THEN 1 ELSE 1e20 - 1 END;
BEGIN
    RETURN CASE
        WHEN metric NOT IN (
                'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
                'daily_loss', 'open_positions', 'order_size'
            ) IS NOT FALSE
            THEN 'metric must be gross_exposure, net_exposure, position_size, exposure_share, '
                'drawdown, daily_loss, open_positions or order_size'
        WHEN metric = 'position_size' AND asset IS NULL
            THEN 'asset must be given: a position_size is of one'
        WHEN metric IN ('drawdown', 'daily_loss', 'open_positions') AND asset IS NOT NULL
            THEN format('asset must be absent: %s is of all assets', metric)
        WHEN (breach_level > 0 AND breach_level <= v_ceiling) IS NOT TRUE
            THEN format('breach_level must be above 0 and at most %s', v_ceiling)
        WHEN (warn_level > 0 AND warn_level <= breach_level) IS FALSE
            THEN 'warn_level must be above 0 and at most breach_level'
        WHEN (clear_level >= 0 AND clear_level <= breach_level) IS FALSE
            THEN 'clear_level must be at least 0 and at most breach_level'
    END;
END
$$;

COMMENT ON FUNCTION pms.limit_objection IS
'Why there can be no such limit, beginning with the field, or null.';

CREATE OR REPLACE FUNCTION pms.metric_name(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN lower(replace(literal, '-', '_'));

COMMENT ON FUNCTION pms.metric_name IS 'The metric of a limit as it is stored.';

CREATE OR REPLACE FUNCTION pms.put_limit(
    metric text,
    breach_level numeric,
    warn_level numeric,
    clear_level numeric,
    account text,
    asset text
)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_id text;
BEGIN
    INSERT INTO pms.limits AS l (account, asset, metric, warn_level, breach_level, clear_level)
    VALUES (
        coalesce(put_limit.account, '*'), coalesce(put_limit.asset, '*'), put_limit.metric,
        put_limit.warn_level, put_limit.breach_level, put_limit.clear_level
    )
    ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
    SET warn_level = excluded.warn_level,
        breach_level = excluded.breach_level,
        clear_level = excluded.clear_level,
        -- One of the settings stays theirs as long as it says what they say.
        source = CASE
            WHEN l.breach_level = excluded.breach_level THEN l.source
            ELSE excluded.source
        END,
        updated_at = now()
    RETURNING l.id INTO STRICT v_id;

    RETURN v_id;
END
$$;

COMMENT ON FUNCTION pms.put_limit IS 'Store a limit, and return its id.';

CREATE OR REPLACE FUNCTION api.set_limit(
    metric text,
    breach_level numeric,
    warn_level numeric DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    clear_level numeric DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('account', 'account', set_limit.account), ('asset', 'asset', set_limit.asset),
            ('book', 'account', set_limit.book)
        ]::pms.argument[]
    );
    v_account text := pms.require_book(asked.value ->> 'account', asked.value ->> 'book');
    v_asset text := asked.value ->> 'asset';
    v_metric text := pms.metric_name(set_limit.metric);
    v_hint text;
    v_id text;
BEGIN
    v_hint := CASE
        WHEN asked.objections IS NOT NULL
            THEN (
                SELECT string_agg(o.key || ' ' || o.value, '; ')
                FROM jsonb_each_text(asked.objections) o
            )
        ELSE pms.limit_objection(
                v_metric, set_limit.breach_level, set_limit.warn_level, set_limit.clear_level,
                v_asset
            )
    END;
    IF v_hint IS NOT NULL THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such limit can be',
            DETAIL = format(
                '%s, warn at %s, breach at %s', set_limit.metric,
                coalesce(set_limit.warn_level::text, 'nothing'), set_limit.breach_level
            ),
            HINT = v_hint;
    END IF;

    v_id := pms.put_limit(
        v_metric, set_limit.breach_level, set_limit.warn_level, set_limit.clear_level, v_account,
        v_asset
    );

    PERFORM pms.audit_command(
        'set_limit',
        jsonb_build_object(
            'metric', set_limit.metric,
            'breach_level', set_limit.breach_level,
            'warn_level', set_limit.warn_level,
            'clear_level', set_limit.clear_level,
            'account', set_limit.account,
            'asset', set_limit.asset,
            'book', set_limit.book
        ),
        pms.base_account(v_account),
        v_asset
    );
    RETURN v_id;
END
$$;

COMMENT ON FUNCTION api.set_limit IS $$Set a limit, and return its id

Without account: on all accounts together; book: on a book of the account, or of main; without
asset: on all assets. metric: gross_exposure,
net_exposure, drawdown, daily_loss (USDT), position_size (a quantity, of an asset), exposure_share
(ratio, of an asset or of the largest one), open_positions (a number), order_size (USDT, of one
fill; only api.check_fill judges it). A value above breach_level breaches, above warn_level warns; a
breach ends at or below clear_level, or without one at breach_level. The same account, book, asset
and metric are one limit. One that the settings have set
(PORTFOLIO_MAX_EXPOSURE_USDT) is as they say again after the next deploy.

Refuses with:
- 400 `no such limit can be` when a value is out of its range; the hint names it$$;

GRANT EXECUTE ON FUNCTION api.set_limit TO pms_operator;

CREATE OR REPLACE FUNCTION pms.drop_limit(id text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_source text;
BEGIN
    SELECT l.source
    INTO v_source
    FROM pms.limits l
    WHERE l.id = drop_limit.id
        AND pms.in_scope(pms.base_account(l.account))
    FOR UPDATE;

    IF v_source <> 'settings' THEN
        DELETE FROM pms.limits l WHERE l.id = drop_limit.id;
    END IF;
    RETURN v_source;
END
$$;

COMMENT ON FUNCTION pms.drop_limit IS $$Remove a limit, unless it is of the settings; its source

Null when there is none that the caller may change.$$;

CREATE OR REPLACE FUNCTION api.remove_limit(id text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_source text := pms.drop_limit(id);
BEGIN
    IF v_source IS NULL THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = 'no such limit',
            DETAIL = format('id is %L', remove_limit.id),
            HINT = 'Name one by the id that api.limits shows.';
    END IF;
    IF v_source = 'settings' THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'limit of the settings',
            DETAIL = format('%s would be back with the next deploy', remove_limit.id),
            HINT = 'Empty POSITION_MANAGER_PORTFOLIO_MAX_EXPOSURE_USDT and deploy.';
    END IF;
    PERFORM pms.audit_command('remove_limit', jsonb_build_object('id', remove_limit.id));
END
$$;

COMMENT ON FUNCTION api.remove_limit IS $$Remove a limit; its breach, if there is one, ends

Refuses with:
- 404 `no such limit`
- 409 `limit of the settings` when it is the environment's to remove$$;

GRANT EXECUTE ON FUNCTION api.remove_limit TO pms_operator;

CREATE OR REPLACE FUNCTION api.post_limit(bytea)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_names CONSTANT jsonb := '{"account": "account", "book": "book", "asset": "asset",
        "symbol": "asset",
        "metric": "metric", "limit": "breach_level", "breach_level": "breach_level",
        "warn": "warn_level", "warn_level": "warn_level", "clear": "clear_level",
        "clear_level": "clear_level"}'::jsonb;
    v_body jsonb := pms.parse_body($1);
    given record;
    command pms.command;
    asked pms.arguments;
    v_account text;
    v_objection text;
    v_id text;
BEGIN
    IF jsonb_typeof(v_body) = 'object' IS NOT TRUE THEN
        RETURN pms.body_error('an object');
    END IF;

    SELECT i.fields, pms.objection_detail(i.objection) AS objection
    INTO given
    FROM pms.read_items(jsonb_build_array(v_body), c_names) i;

    asked := pms.parse_arguments(
        ARRAY[
            ('account', 'account', given.fields ->> 'account'),
            ('book', 'account', given.fields ->> 'book'),
            ('asset', 'asset', given.fields ->> 'asset'),
            ('breach_level', 'decimal', given.fields ->> 'breach_level'),
            ('warn_level', 'decimal', given.fields ->> 'warn_level'),
            ('clear_level', 'decimal', given.fields ->> 'clear_level')
        ]::pms.argument[],
        '{breach_level}'
    );
    -- A limit on all accounts is theirs who may see all.
    v_account := pms.require_book(asked.value ->> 'account', asked.value ->> 'book');
    IF v_account IS NULL THEN
        PERFORM pms.require_unscoped_key();
    END IF;

    command := pms.begin_command('set_limit', given.fields, pms.base_account(v_account));
    v_objection := coalesce(
        given.objection,
        (
            SELECT o.key || ': ' || o.value
            FROM jsonb_each_text(asked.objections) o
            LIMIT 1
        ),
        regexp_replace(
            pms.limit_objection(
                pms.metric_name(given.fields ->> 'metric'),
                (asked.value ->> 'breach_level')::numeric,
                (asked.value ->> 'warn_level')::numeric,
                (asked.value ->> 'clear_level')::numeric,
                asked.value ->> 'asset'
            ),
            ' ', ': '
        )
    );
    IF command.answer IS NULL AND v_objection IS NULL THEN
        v_id := pms.put_limit(
            pms.metric_name(given.fields ->> 'metric'),
            (asked.value ->> 'breach_level')::numeric,
            (asked.value ->> 'warn_level')::numeric,
            (asked.value ->> 'clear_level')::numeric,
            v_account,
            asked.value ->> 'asset'
        );
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.field_error(pms.name_as_given(v_objection, v_body, c_names)),
            (SELECT pms.limit_state_json(l) FROM api.limits l WHERE l.id = v_id)
        )
    );
END
$$;

COMMENT ON FUNCTION api.post_limit IS $$Set the limit of a JSON body

As api.set_limit, which see; limit, warn and clear are its levels. Answers the limit and its use.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing, unknown or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts, or to any and the limit is on all
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.post_limit TO pms_operator, pms_http_operator;

CREATE OR REPLACE FUNCTION api.delete_limit(id text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command('remove_limit', jsonb_build_object('id', id));
    v_answer jsonb := command.answer;
    v_source text;
BEGIN
    IF v_answer IS NULL THEN
        v_source := pms.drop_limit(id);
        v_answer := CASE
            WHEN v_source IS NULL
                THEN pms.error_response(
                        404, 'NOT_FOUND', 'no such limit', jsonb_build_object('id', id)
                    )
            WHEN v_source = 'settings'
                THEN pms.error_response(
                        409, 'CONFLICT', 'limit of the settings',
                        jsonb_build_object(
                            'id', 'empty POSITION_MANAGER_PORTFOLIO_MAX_EXPOSURE_USDT and deploy'
                        )
                    )
            ELSE jsonb_build_object('id', id, 'outcome', 'removed')
        END;
    END IF;

    RETURN pms.end_command(command, v_answer);
END
$$;

COMMENT ON FUNCTION api.delete_limit IS $$Remove the limit of a path

Its breach, if there is one, ends.

Refuses with:
- 400 VALIDATION_ERROR when its Idempotency-Key is malformed
- 403 FORBIDDEN when the key is not an operator's
- 404 NOT_FOUND when there is no such limit that the key may change
- 409 CONFLICT when it is the environment's to remove$$;

GRANT EXECUTE ON FUNCTION api.delete_limit TO pms_operator, pms_http_operator;
