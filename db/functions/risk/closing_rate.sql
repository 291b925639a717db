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

CREATE OR REPLACE FUNCTION pms.closing_rate(currency text, ends_at timestamptz, shown_in text)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_at timestamptz;
BEGIN
    -- Nearly all instruments settle in USDT and need no lookup.
    IF currency = shown_in THEN
        RETURN 1;
    END IF;

    v_at := pms.closing_moment(ends_at);
    RETURN CASE
        WHEN shown_in = 'USDT' THEN pms.rate_at(currency, v_at)
        ELSE pms.div_round(pms.rate_at(currency, v_at), pms.rate_at(shown_in, v_at), 30)
    END;
END
$$;

COMMENT ON FUNCTION pms.closing_rate IS
$$One unit of a currency in another one at the end of a period

Null where no rate was known. Not rounded to the places of an answer: amounts are.$$;
