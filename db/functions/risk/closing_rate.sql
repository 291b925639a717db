-- One expression each, so that they are inlined.
CREATE OR REPLACE FUNCTION pms.closing_moment(
    ends_at timestamptz,
    at timestamptz DEFAULT 'infinity'
)
RETURNS timestamptz
LANGUAGE sql
STABLE
RETURN CASE
    WHEN ends_at > least(at, now()) THEN at
    ELSE ends_at - interval '1 microsecond'
END;

COMMENT ON FUNCTION pms.closing_moment IS $$The moment as of which a period is valued

Just before its end; one that has not ended at a moment is valued by the newest there is then.$$;

CREATE OR REPLACE FUNCTION pms.closing_rate(currency text, ends_at timestamptz)
RETURNS numeric
LANGUAGE sql
STABLE
RETURN CASE
    -- Nearly all instruments settle in USDT and need no lookup.
    WHEN currency = 'USDT' THEN 1
    ELSE pms.rate_at(currency, pms.closing_moment(ends_at))
END;

COMMENT ON FUNCTION pms.closing_rate IS
'USDT for one unit of a currency at the end of a period; null where no rate was known.';
