CREATE OR REPLACE FUNCTION pms.require_unit(unit text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    IF (lower(unit) IN ('day', 'week', 'month')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown unit',
            DETAIL = format('unit is %L', unit),
            HINT = 'A unit is day, week or month.';
    END IF;

    RETURN lower(unit);
END
$$;

COMMENT ON FUNCTION pms.require_unit IS $$The unit of periods

Refuses with:
- 400 `unknown unit`$$;

CREATE OR REPLACE FUNCTION api.pnl_by_period(
    unit text DEFAULT 'day',
    time_zone text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL
)
RETURNS SETOF pms.pnl_period
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pms.period_pnl(
        pms.accounts_of(pnl_by_period.account),
        (SELECT n.asset FROM pms.asset_of(pnl_by_period.asset) n),
        pms.require_unit(pnl_by_period.unit), pnl_by_period.time_zone,
        pnl_by_period.from_time, pnl_by_period.to_time
    ) p;
END
$$;

COMMENT ON FUNCTION api.pnl_by_period IS
$$Show profit and loss by day, week or month in a time zone, in USDT

An entry counts in the period of its event time. unit: day, week (from Monday) or month; time_zone:
an IANA name, without it that of POSITION_MANAGER_TIME_ZONE; account and asset: without them all;
from_time, to_time: only periods that overlap them. Columns as in api.pnl_by_day.

Refuses with:
- 400 `unknown unit`, `unknown time zone`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.pnl_by_period TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.position_pnl_by_period(
    unit text DEFAULT 'day',
    time_zone text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL
)
RETURNS SETOF pms.position_period
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pms.position_pnl(
        pms.accounts_of(position_pnl_by_period.account),
        (SELECT n.asset FROM pms.asset_of(position_pnl_by_period.asset) n),
        pms.require_unit(position_pnl_by_period.unit),
        pms.resolve_time_zone(position_pnl_by_period.time_zone),
        position_pnl_by_period.from_time, position_pnl_by_period.to_time
    ) p;
END
$$;

COMMENT ON FUNCTION api.position_pnl_by_period IS
$$Show profit and loss of positions by day, week or month in a time zone

In the settlement currency, exactly, and in USDT. Without account: of each asset over all accounts
together, account and mode are null then. From the first entry of a position on, a row for every
period. Arguments as of api.pnl_by_period.

Refuses with:
- 400 `unknown unit`, `unknown time zone`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.position_pnl_by_period
TO pms_reader, pms_trader, pms_operator, pms_analyst;
