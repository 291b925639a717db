-- Deploy position_manager:functions/pms/limits_json to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/limit_usage

BEGIN;

CREATE OR REPLACE FUNCTION pms.limits_json(
    limits pms.limits[],
    held pms.limit_basis[],
    marks pms.equity_marks[],
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'id', u.id,
                    'scope', u.scope,
                    'account', u.account,
                    'asset', u.asset,
                    'metric', u.metric,
                    'limit', pms.decimal_text(u.breach_level),
                    'warn', pms.decimal_text(u.warn_level),
                    'value', pms.decimal_text(u.value),
                    'utilisation', pms.decimal_text(u.utilisation),
                    'level', u.level
                )
                ORDER BY u.scope DESC, u.id
            ),
            '[]'
        )
        FROM pms.limit_usage(
            limits_json.limits, limits_json.held, limits_json.marks, limits_json.at
        ) u
    );
END
$$;

COMMENT ON FUNCTION pms.limits_json IS $$How far each limit is used, as the contract writes it

Arguments as of pms.limit_usage. limit is the level of a breach, warn (or null) that before it.$$;

COMMIT;
