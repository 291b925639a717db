CREATE OR REPLACE FUNCTION pms.current_legs(account text)
RETURNS pms.priced_leg[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- Two statements: one for both would be planned again for every account.
    IF current_legs.account IS NULL THEN
        RETURN ARRAY(SELECT h.leg FROM pms.priced_legs h WHERE pms.in_scope(h.account));
    END IF;

    RETURN ARRAY(SELECT h.leg FROM pms.priced_legs h WHERE h.account = current_legs.account);
END
$$;

COMMENT ON FUNCTION pms.current_legs IS $$The legs of an account as they are now

account: null is all accounts that are in scope. See pms.legs_as_of for those of another moment.$$;
