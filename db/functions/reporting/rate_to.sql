CREATE OR REPLACE FUNCTION pms.rate_to(
    currency text,
    settlement_currency text,
    at timestamptz
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF coalesce(currency, settlement_currency) = settlement_currency THEN
        RETURN 1;
    END IF;

    RETURN pms.div_round(
        pms.rate_at(settlement_currency, at, 'infinity'), pms.rate_at(currency, at, 'infinity'), 30
    );
END
$$;

COMMENT ON FUNCTION pms.rate_to IS
$$Units of a currency for one of a settlement currency at a moment, to 30 decimal places

currency: null is the settlement currency itself. Null where one of both had no rate.$$;
