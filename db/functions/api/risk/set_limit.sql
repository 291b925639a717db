CREATE OR REPLACE FUNCTION api.set_limit(
    metric text,
    breach_level numeric,
    warn_level numeric DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL
)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('account', 'account', set_limit.account), ('asset', 'asset', set_limit.asset)
        ]::pms.argument[]
    );
    v_account text := asked.value ->> 'account';
    v_asset text := asked.value ->> 'asset';
    v_metric text := lower(replace(set_limit.metric, '-', '_'));
    v_ceiling numeric := CASE v_metric WHEN 'exposure_share' THEN 1 ELSE 1e20 - 1 END;
    v_hint text;
    v_id text;
BEGIN
    v_hint := CASE
        WHEN asked.objections IS NOT NULL
            THEN (
                SELECT string_agg(o.key || ' ' || o.value, '; ')
                FROM jsonb_each_text(asked.objections) o
            )
        WHEN v_metric NOT IN (
                'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
                'daily_loss'
            ) IS NOT FALSE
            THEN 'metric must be gross_exposure, net_exposure, position_size, exposure_share, '
                'drawdown or daily_loss'
        WHEN v_metric = 'position_size' AND v_asset IS NULL
            THEN 'asset must be given: a position_size is of one'
        WHEN v_metric IN ('drawdown', 'daily_loss') AND v_asset IS NOT NULL
            THEN format('asset must be absent: %s is of all assets', v_metric)
        WHEN (set_limit.breach_level > 0 AND set_limit.breach_level <= v_ceiling) IS NOT TRUE
            THEN format('breach_level must be above 0 and at most %s', v_ceiling)
        WHEN (set_limit.warn_level > 0 AND set_limit.warn_level <= set_limit.breach_level) IS FALSE
            THEN 'warn_level must be above 0 and at most breach_level'
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

    INSERT INTO pms.limits AS l (account, asset, metric, warn_level, breach_level)
    VALUES (
        coalesce(v_account, '*'), coalesce(v_asset, '*'), v_metric,
        set_limit.warn_level, set_limit.breach_level
    )
    ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
    SET warn_level = excluded.warn_level,
        breach_level = excluded.breach_level,
        -- One of the settings stays theirs as long as it says what they say.
        source = CASE
            WHEN l.breach_level = excluded.breach_level THEN l.source
            ELSE excluded.source
        END,
        updated_at = now()
    RETURNING l.id INTO STRICT v_id;

    PERFORM pms.audit_command(
        'set_limit',
        jsonb_build_object(
            'metric', set_limit.metric,
            'breach_level', set_limit.breach_level,
            'warn_level', set_limit.warn_level,
            'account', set_limit.account,
            'asset', set_limit.asset
        ),
        v_account,
        v_asset
    );
    RETURN v_id;
END
$$;

COMMENT ON FUNCTION api.set_limit IS $$Set a limit, and return its id

Without account: on all accounts together; without asset: on all assets. metric: gross_exposure,
net_exposure, drawdown, daily_loss (USDT), position_size (a quantity, of an asset), exposure_share
(ratio, of an asset or of the largest one). A value above breach_level breaches, above warn_level
warns. The same account, asset and metric are one limit. One that the settings have set
(PORTFOLIO_MAX_EXPOSURE_USDT) is as they say again after the next deploy.

Refuses with:
- 400 `no such limit can be` when a value is out of its range; the hint names it$$;

GRANT EXECUTE ON FUNCTION api.set_limit TO pms_operator;

CREATE OR REPLACE FUNCTION api.remove_limit(id text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_removed text;
BEGIN
    DELETE FROM pms.limits l
    WHERE l.id = remove_limit.id
    RETURNING l.source INTO v_removed;

    IF v_removed IS NULL THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = 'no such limit',
            DETAIL = format('id is %L', remove_limit.id),
            HINT = 'Name one by the id that api.limits shows.';
    END IF;
    IF v_removed = 'settings' THEN
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
